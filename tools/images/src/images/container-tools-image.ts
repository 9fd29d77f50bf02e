import { join } from "node:path";
import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { copiedTree } from "../context/context-file.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import type { ImageSourceOptions } from "./image-source.ts";
import { terminalProgram } from "./terminal-program.ts";
import { workspaceFiles } from "./workspace-files.ts";

/** What builds, runs and copies images, and a Busybox to put into one where no registry can be asked. */
const PACKAGES = [
  "buildah",
  "busybox-static",
  "crun",
  "libcap2-bin",
  "podman",
  "podman-docker",
  "skopeo",
  "slirp4netns",
  "uidmap",
];

/** For tests and examples: the terminal workspace with tools for images, which is also an engine that runs them. */
export async function containerToolsImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  return {
    files: [
      await dockerfile("container-tools"),
      ...(await workspaceFiles(options, { name: "container-tools", packages: PACKAGES })),
      ...(await copiedTree("tools", join(DEPLOY_IMAGES, "container-tools", "files"))),
      ...(await terminalProgram()),
    ],
    buildArgs: {},
  };
}
