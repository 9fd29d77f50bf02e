import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import type { ImageSourceOptions } from "./image-source.ts";
import { terminalProgram } from "./terminal-program.ts";
import { workspaceFiles } from "./workspace-files.ts";

/** The terminal workspace: Debian with the tools of a lesson, kubectl, and the terminal server. */
export async function terminalImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  return {
    files: [await dockerfile("terminal"), ...(await workspaceFiles(options)), ...(await terminalProgram())],
    buildArgs: {},
  };
}
