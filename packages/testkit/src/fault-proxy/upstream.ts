import { Agent, type RequestOptions } from "node:https";

/** The API server behind the proxy, with connections of its own. */
export interface Upstream extends Disposable {
  /** Where and how to send a request. */
  readonly options: RequestOptions;
}

/** Headers that belong to one connection (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Connections to an API server at `target` that proves itself by `caPem`. */
export function createUpstream(target: string, caPem: string): Upstream {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true, ca: caPem });
  return { options: { hostname, port, agent }, [Symbol.dispose]: () => agent.destroy() };
}

/** Raw headers (name, value, name, value …) without those of the connection and those named in `without`. */
export function endToEndHeaders(rawHeaders: readonly string[], without: readonly string[] = []): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !without.includes(lower)) kept.push(name, value);
  }
  return kept;
}
