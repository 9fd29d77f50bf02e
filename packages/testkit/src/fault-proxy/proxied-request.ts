/** A request that came to the proxy, and what became of it. */
export interface ProxiedRequest {
  readonly id: number;
  /** When it came: milliseconds since the proxy started. */
  readonly atMs: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without the `?`. */
  readonly query: string;
  readonly userAgent: string;
  readonly watch: boolean;
  /** Number of the TCP connection that it came on, from 1. */
  readonly connection: number;
  /** Kinds of the faults that met it. */
  readonly faults: readonly string[];
  /** The API server's answer, or the fault's; undefined until there is one. */
  readonly status: number | undefined;
  /** Bytes of the body that were sent to the client. */
  readonly bytes: number;
  /** `left`: the client closed its connection, or the API server its own, before the end. */
  readonly outcome: "open" | "answered" | "cut" | "reset" | "left";
}

/** Selects requests: what is given must hold. */
export interface RequestFilter {
  readonly method?: string;
  readonly path?: RegExp;
  readonly watch?: boolean;
  readonly userAgent?: RegExp;
}

/** True when the request has all that the filter asks for. */
export function matchesFilter(request: ProxiedRequest, filter: RequestFilter): boolean {
  return (
    (filter.method === undefined || filter.method === request.method) &&
    (filter.path === undefined || request.path.search(filter.path) >= 0) &&
    (filter.watch === undefined || filter.watch === request.watch) &&
    (filter.userAgent === undefined || request.userAgent.search(filter.userAgent) >= 0)
  );
}

/** A request in one line: what a failing test prints. */
export function renderRequest(request: ProxiedRequest): string {
  const { id, atMs, method, path, query, status, bytes, outcome, faults } = request;
  const how = faults.length === 0 ? "" : ` [${faults.join(", ")}]`;
  return `#${id} ${atMs.toFixed(0)} ms ${method} ${path}${query === "" ? "" : `?${query}`} → ${status ?? "-"} ${bytes} B ${outcome}${how}`;
}
