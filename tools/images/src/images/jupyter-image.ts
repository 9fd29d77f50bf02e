import { join } from "node:path";
import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { copiedFile, copiedTree } from "../context/context-file.ts";
import { pythonWheels } from "../context/python-wheels.ts";
import { DEPLOY_IMAGES } from "../paths.ts";
import type { ImageSourceOptions } from "./image-source.ts";
import { workspaceFiles } from "./workspace-files.ts";

/** The notebook workspace: JupyterLab with a Python kernel, kubectl, and the tools of a lesson. */
export async function jupyterImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  const recipe = join(DEPLOY_IMAGES, "jupyter");
  const requirements = join(recipe, "requirements.txt");
  return {
    files: [
      await dockerfile("jupyter"),
      ...(await workspaceFiles(options)),
      await copiedFile("requirements.txt", requirements, { mode: 0o644 }),
      ...(await copiedTree("jupyter", join(recipe, "files"))),
      ...(await pythonWheels({ name: "jupyter", requirements, ...options })),
    ],
    buildArgs: {},
  };
}
