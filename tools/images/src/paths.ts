import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "./environment.ts";

/** The directory of the repository. */
export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");

/** Where Dockerfiles and what they add are. */
export const DEPLOY_IMAGES = join(REPOSITORY, "deploy", "images");

/** Where built images are kept: `$XDG_CACHE_HOME/carrel/images`, else `~/.cache/carrel/images`. */
export function imageCacheDirectory(): string {
  return join(environment.cacheDirectory(), "carrel", "images");
}
