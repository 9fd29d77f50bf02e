import { CarrelError } from "@carrel/std";

/** Why an image could not be built. */
export type ImageErrorCode =
  /** A command of the build failed; the message holds its last lines and the path of its whole log. */
  | "BUILD_FAILED"
  /** A program that the build needs is missing and could not be installed. */
  | "PROGRAM_MISSING"
  /** There is no image of that name. */
  | "UNKNOWN_IMAGE"
  /** This machine's architecture has no images. */
  | "UNSUPPORTED";

/** An error of the image builder. */
export class ImageError extends CarrelError<ImageErrorCode> {}
