import { z } from "zod";

const count = (fallback: number, doc: string) => z.int().min(1).default(fallback).describe(doc);
const timeMs = (fallback: number, doc: string) => z.int().min(10).max(86_400_000).default(fallback).describe(doc);

/** How much of everything. Times in milliseconds. */
export const limitsSchema = z.object({
  headerBytes: count(32 * 1024, "Largest request head, and largest head of a pod's answer."),
  headersTimeoutMs: timeMs(10_000, "From the first byte of a request to the end of its head."),
  requestBodyIdleMs: timeMs(60_000, "Longest silence while a request body is being received."),
  keepAliveTimeoutMs: timeMs(75_000, "How long an unused client connection stays open; above the load balancer's."),
  connectTimeoutMs: timeMs(2000, "Longest time to connect to a pod."),
  firstByteTimeoutMs: timeMs(120_000, "From the end of a request to the head of the pod's answer."),
  responseIdleMs: timeMs(600_000, "Longest silence of a pod in the middle of an answer; event streams may be silent."),
  podConnections: count(256, "Connections per pod and port."),
  websocketsPerSession: count(200, "Open WebSockets of a session."),
  websocketsPerUser: count(100, "Open WebSockets of a user over all sessions."),
  websocketsPerReplica: count(20_000, "Open WebSockets of this process."),
  requestsPerSecondPerSession: count(500, "Requests per second of a session, in the long run."),
  badTokensPerSecondPerAddress: count(20, "Invalid tokens per second from one address; beyond, its requests are 429."),
  holdMs: timeMs(10_000, "How long a request waits for a session that is starting."),
  heldPerSession: count(50, "Requests of a session that wait at once."),
  readThroughMs: timeMs(1000, "Longest wait for the API server when a session is not known yet."),
  drainRequestsMs: timeMs(30_000, "How long requests in flight may take when the process stops."),
  drainWebsocketsMs: timeMs(10_000, "Over which time WebSockets are closed when the process stops."),
});
export type Limits = z.output<typeof limitsSchema>;

/** Every limit at its default. */
export const DEFAULT_LIMITS: Limits = limitsSchema.parse({});
