import { basename } from "node:path";
import { ensureProgram } from "@carrel/cluster";
import { dockerfile, type ImageDefinition } from "../build/image-definition.ts";
import { copiedFile } from "../context/context-file.ts";
import type { ImageSourceOptions } from "./image-source.ts";

/** The image of nats-server: the static binary alone. */
export async function natsImage(options: ImageSourceOptions): Promise<ImageDefinition> {
  const program = await ensureProgram("nats-server", options);
  const server = await copiedFile("nats-server", program, { mode: 0o755, fingerprint: basename(program) });
  return { files: [await dockerfile("nats"), server], buildArgs: {} };
}
