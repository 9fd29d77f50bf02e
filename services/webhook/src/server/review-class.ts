/** One sort of reviews, with a URL path and limits of its own: a flood of one must not starve the others. */
export interface ReviewClass {
  /** Label of metrics and logs. */
  readonly name: string;
  readonly path: string;
  readonly does: "validate" | "mutate";
  /** Longest body, in bytes. An update holds the old and the new object: twice what the API server takes. */
  readonly maxBodyBytes: number;
  /** Reviews under way at once; more are refused at once, and may be tried again. */
  readonly maxInFlight: number;
}

const MIB = 1024 * 1024;
/** Measured: an update of a 2.9 MiB object makes a review of 4.5 MB; the API server takes objects of 3 MiB. */
const WHOLE_OBJECT = 8 * MIB;

/** All of them. The webhook configurations name these paths. */
export const REVIEW_CLASSES: readonly ReviewClass[] = [
  { name: "pods", path: "/validate/pods", does: "validate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 256 },
  { name: "workloads", path: "/validate/workloads", does: "validate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 128 },
  { name: "connect", path: "/validate/connect", does: "validate", maxBodyBytes: MIB, maxInFlight: 128 },
  { name: "objects", path: "/validate/objects", does: "validate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 64 },
  { name: "namespaces", path: "/validate/namespaces", does: "validate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 64 },
  { name: "carrel", path: "/validate/carrel", does: "validate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 128 },
  { name: "templates", path: "/validate/templates", does: "validate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 16 },
  { name: "defaults", path: "/mutate/pods", does: "mutate", maxBodyBytes: WHOLE_OBJECT, maxInFlight: 256 },
];

const BY_PATH = new Map(REVIEW_CLASSES.map((entry) => [entry.path, entry]));

/** The class of a request's path; undefined for any other path. */
export function classOf(path: string): ReviewClass | undefined {
  return BY_PATH.get(path);
}
