import { basename, join } from "node:path";
import { ensureProgram } from "@carrel/cluster";
import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { copiedFile } from "../context/context-file.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import type { ImageSourceOptions } from "./image-source.ts";
import { workspaceFiles } from "./workspace-files.ts";

/** For tests and examples: a Kubernetes control plane of its own, in one container and without a node. */
export async function virtualClusterImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  const kubernetes = await ensureProgram("carrel-k8s", options);
  return {
    files: [
      await dockerfile("virtual-cluster"),
      ...(await workspaceFiles(options)),
      await copiedFile("kubernetes/carrel-k8s", kubernetes, { mode: 0o755, fingerprint: basename(kubernetes) }),
      await copiedFile("control-plane", join(DEPLOY_IMAGES, "virtual-cluster", "control-plane"), { mode: 0o755 }),
    ],
    buildArgs: {},
  };
}
