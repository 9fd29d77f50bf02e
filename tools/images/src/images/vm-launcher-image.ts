import { join } from "node:path";
import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { copiedFile, copiedTree } from "../context/context-file.ts";
import { debianRootfs } from "../debian/debian-rootfs.ts";
import { ImageError } from "../image-error.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import type { ImageSourceOptions } from "./image-source.ts";

/** The image assembles itself from these; most of what they bring stays outside. */
const PACKAGES = ["busybox-static", "linux-image-cloud-amd64", "qemu-system-x86"];

/**
 * For tests alone: QEMU with a small Linux guest, as the stand-in of the virtual machine operators runs it in a pod.
 * @throws ImageError `UNSUPPORTED` on anything but x86-64.
 */
export async function vmLauncherImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  if (process.arch !== "x64")
    throw new ImageError("UNSUPPORTED", `the guest is for x64, this machine is ${process.arch}`);
  const recipe = join(DEPLOY_IMAGES, "vm-launcher");
  return {
    files: [
      await dockerfile("vm-launcher"),
      await debianRootfs({ name: "vm-launcher", packages: PACKAGES }, options),
      await copiedFile("launcher.sh", join(recipe, "launcher.sh"), { mode: 0o755 }),
      ...(await copiedTree("build", join(recipe, "build"))),
      ...(await copiedTree("guest", join(recipe, "guest"))),
    ],
    buildArgs: {},
  };
}
