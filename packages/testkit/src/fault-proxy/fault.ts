/** One way in which an API server, or the network before it, misbehaves. Made with {@link faults}. */
export type Fault =
  | { readonly kind: "black-hole" }
  | { readonly kind: "reset" }
  | { readonly kind: "reset-after-answer" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "status"; readonly code: number; readonly reason: string; readonly retryAfterSeconds?: number }
  | { readonly kind: "date"; readonly skewMs: number }
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "freeze"; readonly afterBytes: number }
  | { readonly kind: "throttle"; readonly bytesPerSecond: number }
  | { readonly kind: "gone"; readonly afterLines: number }
  | { readonly kind: "drop-bookmarks" }
  | { readonly kind: "duplicate-lines"; readonly probability: number }
  | { readonly kind: "reorder-lines"; readonly probability: number }
  | { readonly kind: "delay-lines"; readonly ms: number };

/** The faults that a proxy can inject. Several in one rule work together, in the order of this list. */
export const faults = {
  /** The request is read, never reaches the API server and is never answered; the connection stays open. */
  blackHole: (): Fault => ({ kind: "black-hole" }),
  /** The connection is reset before the request reaches the API server. */
  reset: (): Fault => ({ kind: "reset" }),
  /** The API server answers in full (a write is persisted), then the connection is reset instead. */
  resetAfterAnswer: (): Fault => ({ kind: "reset-after-answer" }),
  /** The request is held for `ms` before it is sent on. */
  delay: (ms: number): Fault => ({ kind: "delay", ms }),
  /** Answered with a `Status` of this code without reaching the API server. */
  status: (code: number, reason: string): Fault => ({ kind: "status", code, reason }),
  /** 429 with `Retry-After`, as API priority and fairness sends it. */
  tooManyRequests: (retryAfterSeconds: number): Fault => ({
    kind: "status",
    code: 429,
    reason: "TooManyRequests",
    retryAfterSeconds,
  }),
  /** 500. */
  internalError: (): Fault => ({ kind: "status", code: 500, reason: "InternalError" }),
  /** 503, with `Retry-After` when given. */
  unavailable: (retryAfterSeconds?: number): Fault => ({
    kind: "status",
    code: 503,
    reason: "ServiceUnavailable",
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }),
  /** The `Date` of the answer is off by `skewMs`. */
  date: (skewMs: number): Fault => ({ kind: "date", skewMs }),
  /** The connection is closed after this many bytes of the answer's body; a shorter body passes. */
  cut: (afterBytes: number): Fault => ({ kind: "cut", afterBytes }),
  /** The answer stops after this many bytes of its body; the connection stays open. */
  freeze: (afterBytes: number): Fault => ({ kind: "freeze", afterBytes }),
  /** The answer's body comes at most this fast. */
  throttle: (bytesPerSecond: number): Fault => ({ kind: "throttle", bytesPerSecond }),
  /** After this many lines, a watch says 410 Expired in an ERROR event and ends, as etcd's compaction makes it. */
  gone: (afterLines = 0): Fault => ({ kind: "gone", afterLines }),
  /** BOOKMARK lines of a watch are left out. */
  dropBookmarks: (): Fault => ({ kind: "drop-bookmarks" }),
  /** Each line comes twice with this probability. */
  duplicateLines: (probability = 1): Fault => ({ kind: "duplicate-lines", probability }),
  /** A line changes places with the next one with this probability, unless the next takes more than 200 ms. */
  reorderLines: (probability = 1): Fault => ({ kind: "reorder-lines", probability }),
  /** Each line comes this much later: a stale watch cache. */
  delayLines: (ms: number): Fault => ({ kind: "delay-lines", ms }),
} as const;
