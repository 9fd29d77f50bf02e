import { errorAt, warningAt, type Check } from "../lint-facts.ts";

/** Each Workspace carries a copy of its template, and an object of etcd has 1.5 MiB at most. */
const MAX_BYTES = 256 * 1024;
const LARGE_BYTES = 64 * 1024;

/** Templates that are too large to be copied into every Workspace. */
export const size: Check = ({ spec }) => {
  const bytes = Buffer.byteLength(JSON.stringify(spec));
  if (bytes <= LARGE_BYTES) return [];
  const kib = Math.ceil(bytes / 1024);
  const message = `the template is ${kib} KiB long, and every workspace keeps a copy; put files into an image or a volume`;
  if (bytes <= MAX_BYTES) return [warningAt("size", "spec", message)];
  return [errorAt("size", "spec", `${message}; at most ${MAX_BYTES / 1024} KiB are allowed`)];
};
