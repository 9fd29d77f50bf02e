import { basename, join } from "node:path";
import { ensureProgram } from "@carrel/cluster";
import { type ContextFile, copiedFile, copiedTree } from "../context/context-file.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import { debianRootfs } from "../debian/debian-rootfs.ts";
import type { ImageSourceOptions } from "./image-source.ts";

const PACKAGES = [
  "bash-completion",
  "ca-certificates",
  "curl",
  "git",
  "jq",
  "less",
  "nano",
  "netcat-openbsd",
  "procps",
  "python3",
  "tini",
  "vim-tiny",
];

/** A Debian with more than every workspace has. */
export interface MorePackages {
  /** Names it in the cache. */
  readonly name: string;
  readonly packages: readonly string[];
}

/** What every workspace image of Carrel has: Debian with the tools of a lesson, kubectl, and the shell's settings. */
export async function workspaceFiles(
  options: ImageSourceOptions,
  more: MorePackages = { name: "workspace", packages: [] },
): Promise<ContextFile[]> {
  const kubectl = await ensureProgram("kubectl", options);
  return [
    await debianRootfs({ name: more.name, packages: [...PACKAGES, ...more.packages] }, options),
    await copiedFile("kubectl/kubectl", kubectl, { mode: 0o755, fingerprint: basename(kubectl) }),
    ...(await copiedTree("files", join(DEPLOY_IMAGES, "workspace"))),
  ];
}
