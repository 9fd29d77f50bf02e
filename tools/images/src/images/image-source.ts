import type { OnProgress } from "../progress.ts";

/** What making an image's inputs may take along. */
export interface ImageSourceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}
