import type { HttpRequest } from "../transport/exchange.ts";
import type { Transport, TransportRequest } from "../transport/transport.ts";
import { TransportError } from "../transport/transport-error.ts";
import type { Resource } from "./resource.ts";
import { statusErrorOf } from "./status-error.ts";

export const JSON_TYPE = "application/json";

/** One call of a verb on a resource. */
export interface ApiCall {
  /** As in RBAC; for metrics. */
  readonly verb: string;
  readonly of?: Resource | undefined;
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly query?: Query;
  readonly accept?: string;
  readonly contentType?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Renders a call for the transport. Pure. */
export function renderCall(call: ApiCall): TransportRequest {
  const { of } = call;
  const resource = of === undefined ? "raw" : of.group === "" ? of.plural : `${of.plural}.${of.group}`;
  return {
    method: call.method,
    path: `${call.path}${renderQuery(call.query)}`,
    lane: call.verb === "watch" ? "watches" : of?.group === "coordination.k8s.io" ? "leases" : "calls",
    accept: call.accept ?? JSON_TYPE,
    ...(call.body === undefined
      ? {}
      : { body: Buffer.from(JSON.stringify(call.body)), contentType: call.contentType ?? JSON_TYPE }),
    timeoutMs: call.timeoutMs,
    signal: call.signal,
    labels: { verb: call.verb, resource },
  };
}

function renderQuery(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** Sends a call and parses the answer. @throws StatusError for every status but 2xx, TransportError */
export async function callJson(transport: Transport, call: ApiCall): Promise<unknown> {
  const answer = await transport.call(renderCall(call));
  const what = `${call.method} ${call.path}`;
  if (answer.status < 200 || answer.status > 299) throw statusErrorOf(answer.status, answer.body, what);
  try {
    return JSON.parse(answer.body.toString("utf8"));
  } catch {
    throw new TransportError("KUBE_BAD_ANSWER", `${what}: the answer is not JSON`, { sent: true });
  }
}
