import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { bundleProgram } from "../context/bundle-program.ts";
import { nodeRuntime } from "../context/node-runtime.ts";

/** The image of a Node.js program: Node.js, the libraries that it names and one bundled file, nothing else. */
export async function serviceImage(name: string, entryPoint: string): Promise<ImageDefinition> {
  const [recipe, runtime, program] = await Promise.all([
    dockerfile("service"),
    nodeRuntime(),
    bundleProgram(entryPoint),
  ]);
  return { files: [recipe, ...runtime, ...program], buildArgs: { SERVICE: name } };
}
