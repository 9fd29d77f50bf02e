import { basename } from "node:path";
import { buildScratchImage } from "../images/build-scratch-image.ts";

/** An image of the cluster itself: its name and the archive that holds it. */
export interface ClusterImage {
  readonly name: string;
  readonly archivePath: string;
}

/** The images that every cluster needs, tagged with the key of the program in them. */
export async function buildClusterImages(
  programs: Readonly<Record<"carrel-node" | "coredns", string>>,
): Promise<{ readonly pause: ClusterImage; readonly coredns: ClusterImage }> {
  const build = async (image: string, program: "carrel-node" | "coredns", ...args: string[]): Promise<ClusterImage> => {
    const binary = programs[program];
    const name = `carrel.dev/${image}:${basename(binary).slice(program.length + 1)}`;
    return { name, archivePath: await buildScratchImage({ name, binary, binaryName: image, arguments: args }) };
  };
  const [pause, coredns] = await Promise.all([build("pause", "carrel-node", "pause"), build("coredns", "coredns")]);
  return { pause, coredns };
}
