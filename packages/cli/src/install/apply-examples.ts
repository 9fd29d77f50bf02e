import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { ensureProgram } from "@carrel/cluster";
import type { BuiltImage } from "./carrel-images.ts";
import { REPOSITORY } from "./install-chart.ts";
import { runTool } from "./run-tool.ts";

/**
 * Applies deploy/examples: the tenant `demo` and the example templates. Their images are written `carrel/NAME:dev`;
 * here each becomes the reference that was built, so that a changed image is never taken for the old one.
 */
export async function applyExamples(options: {
  readonly kubeconfig: string;
  readonly images: readonly BuiltImage[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const directory = path.join(REPOSITORY, "deploy/examples");
  const files = (await readdir(directory)).filter((file) => file.endsWith(".yaml")).sort();
  const manifests: string[] = [];
  for (const file of files) {
    const text = await readFile(path.join(directory, file), "utf8");
    manifests.push(options.images.reduce((done, { name, ref }) => done.replaceAll(`carrel/${name}:dev`, ref), text));
  }
  const kubectl = await ensureProgram("kubectl", { signal: options.signal });
  await runTool(kubectl, ["--kubeconfig", options.kubeconfig, "apply", "--filename", "-"], {
    input: manifests.join("\n---\n"),
    signal: options.signal,
  });
}
