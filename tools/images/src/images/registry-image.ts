import { join } from "node:path";
import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { copiedFile } from "../context/context-file.ts";
import { debianRootfs } from "../debian/debian-rootfs.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import type { ImageSourceOptions } from "./image-source.ts";

/** For tests and examples: an image registry, CNCF Distribution as Debian has it. */
export async function registryImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  return {
    files: [
      await dockerfile("registry"),
      await debianRootfs({ name: "registry", packages: ["docker-registry"] }, options),
      await copiedFile("config.yml", join(DEPLOY_IMAGES, "registry", "config.yml"), { mode: 0o644 }),
    ],
    buildArgs: {},
  };
}
