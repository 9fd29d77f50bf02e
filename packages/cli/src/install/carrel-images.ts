import { buildImage, type BuiltImage as ImageArchive, type ImageName } from "@carrel/images";
import type { Tell } from "../terminal/progress.ts";

/** Images that the chart installs. */
export const CHART_IMAGES = ["provisioner", "webhook", "proxy", "reaper", "nats"] as const;
/** Images of the example templates. */
export const EXAMPLE_IMAGES = ["terminal", "jupyter"] as const;

/** An image and what it is of. */
export interface BuiltImage extends ImageArchive {
  readonly name: ImageName;
}

/** Builds images one after another (each uses all cores); cached ones cost nothing. */
export async function buildImages(
  names: readonly ImageName[],
  options: { readonly tell: Tell; readonly signal: AbortSignal },
): Promise<BuiltImage[]> {
  const built: BuiltImage[] = [];
  for (const name of names) {
    built.push({
      name,
      ...(await buildImage(name, { signal: options.signal, onProgress: (line) => options.tell(`${name}: ${line}`) })),
    });
  }
  return built;
}
