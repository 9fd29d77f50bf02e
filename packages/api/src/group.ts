/** The API group of every kind of Carrel. */
export const GROUP = "carrel.dev";
/** The one served version. */
export const VERSION = "v1alpha1";
/** `apiVersion` of every object of Carrel. */
export const API_VERSION = `${GROUP}/${VERSION}`;
