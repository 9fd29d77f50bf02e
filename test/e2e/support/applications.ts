import { loadImage } from "@carrel/cluster";
import { buildImage, type ImageName } from "@carrel/images";
import type { Examples } from "./examples.ts";

/** Images of deploy/examples/applications, built and put onto the cluster's node: their references, by name. */
export async function applicationImages(
  { carrel }: Examples,
  names: readonly ImageName[],
): Promise<Readonly<Record<string, string>>> {
  const signal = AbortSignal.timeout(20 * 60_000);
  const references: Record<string, string> = {};
  for (const name of names) {
    const { archive, ref } = await buildImage(name, {
      signal,
      onProgress: (line) => process.stderr.write(`    ${line}\n`),
    });
    await loadImage(carrel.cluster, archive, signal);
    references[name] = ref;
  }
  return references;
}

/** A file of deploy/examples/applications with the images that were built. */
export async function readApplication(
  examples: Examples,
  name: string,
  images: Readonly<Record<string, string>>,
): Promise<string> {
  const text = await examples.read(`applications/${name}.yaml`);
  return Object.entries(images).reduce((done, [image, ref]) => done.replaceAll(`carrel/${image}:dev`, ref), text);
}
