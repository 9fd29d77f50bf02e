import type { ProgramName } from "@carrel/cluster";

/** Names of suites, in the order in which they run. */
export const SUITE_NAMES = ["unit", "go", "integration", "e2e"] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

/** How the test files of a suite are run. */
export interface NodeSuite {
  readonly name: Exclude<SuiteName, "go">;
  /** One process for all files, or one for each. */
  readonly processes: "one" | "per-file";
  /** Processes at once. */
  readonly concurrency: number;
  /** Longest time of one test. */
  readonly testTimeoutMs: number;
  /** Longest time of one process. */
  readonly processTimeoutMs: number;
  /** Longest time of the suite. */
  readonly suiteTimeoutMs: number;
  /** How long a process may take to end after its last test: what a test started must end with it. */
  readonly lingerMs: number;
  /** What must be built before it starts. */
  readonly programs: readonly ProgramName[];
}

const MINUTE_MS = 60_000;
const CONTROL_PLANE: readonly ProgramName[] = ["carrel-k8s", "carrel-node", "nats-server"];

/** The suites of test files. A process per file costs 0.3 s each: too much for hundreds of small unit tests. */
export const NODE_SUITES: Readonly<Record<NodeSuite["name"], NodeSuite>> = {
  unit: {
    name: "unit",
    processes: "one",
    concurrency: 1,
    testTimeoutMs: MINUTE_MS,
    processTimeoutMs: 10 * MINUTE_MS,
    suiteTimeoutMs: 10 * MINUTE_MS,
    lingerMs: 10_000,
    programs: [],
  },
  integration: {
    name: "integration",
    processes: "per-file",
    concurrency: 2,
    testTimeoutMs: 4 * MINUTE_MS,
    processTimeoutMs: 12 * MINUTE_MS,
    suiteTimeoutMs: 45 * MINUTE_MS,
    lingerMs: 45_000,
    programs: CONTROL_PLANE,
  },
  e2e: {
    name: "e2e",
    processes: "per-file",
    concurrency: 1,
    testTimeoutMs: 15 * MINUTE_MS,
    processTimeoutMs: 30 * MINUTE_MS,
    suiteTimeoutMs: 60 * MINUTE_MS,
    // The cluster is taken down after the last test.
    lingerMs: 3 * MINUTE_MS,
    programs: [...CONTROL_PLANE, "coredns", "helm", "kubectl"],
  },
};

/** Longest time of the Go tests, the compiler's included. */
export const GO_SUITE_TIMEOUT_MS = 30 * MINUTE_MS;
