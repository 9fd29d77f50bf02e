import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ContextFile, copiedFile } from "../context/context-file.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import { BUILD_TIME_SECONDS } from "./build-time.ts";

/** All that an image is made from. */
export interface ImageDefinition {
  /** The build context, with its `Dockerfile`. */
  readonly files: readonly ContextFile[];
  /** Values of the Dockerfile's `ARG`s. */
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** `deploy/images/NAME/Dockerfile`, as the Dockerfile of a context. */
export function dockerfile(name: string): Promise<ContextFile> {
  return copiedFile("Dockerfile", join(DEPLOY_IMAGES, name, "Dockerfile"), { mode: 0o644 });
}

/** Part of every key: raise it when images are built in another way from the same inputs. */
const FORMAT = 2;

/** 12 hexadecimal digits that differ whenever the image may: it is the image's tag. */
export function imageKey(definition: ImageDefinition): string {
  const files = definition.files.map(({ path, mode, fingerprint }) => [path, mode, fingerprint].join("\0")).sort();
  const args = Object.entries(definition.buildArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  const inputs = JSON.stringify([FORMAT, BUILD_TIME_SECONDS, process.arch, args, files]);
  return createHash("sha256").update(inputs).digest("hex").slice(0, 12);
}
