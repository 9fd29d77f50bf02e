/**
 * @carrel/images: builds the container images of Carrel without Docker.
 *
 * @module
 */
export { type BuildImageOptions, type BuiltImage, buildDefinition, buildImage } from "./build-image.ts";
export type { ImageDefinition } from "./build/image-definition.ts";
export { writeContext } from "./context/context-file.ts";
export { defineImage } from "./define-image.ts";
export { ImageError, type ImageErrorCode } from "./image-error.ts";
export {
  IMAGE_NAMES,
  type ImageName,
  isImageName,
  SERVICE_NAMES,
  type ServiceName,
  TEST_IMAGE_NAMES,
} from "./image-name.ts";
export type { OnProgress } from "./progress.ts";
