import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Asset } from "./assets.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** What the HTTP side of the server tells. */
export interface RequestHandlerOptions {
  readonly assets: ReadonlyMap<string, Asset>;
  /** The running terminals and how many there may be, for `GET /terminals`. */
  readonly listTerminals: () => { readonly terminals: readonly string[]; readonly limit: number };
}

/** Answers `GET` and `HEAD` of the page's files, `/healthz` and `/terminals`; anything else is refused. */
export function createRequestHandler(options: RequestHandlerOptions): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendText(response, 405, "method not allowed");
    }
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    if (path === "/healthz") return sendText(response, 200, "ok");
    if (path === "/terminals") return sendJson(response, options.listTerminals());
    const asset = options.assets.get(path);
    return asset === undefined ? sendText(response, 404, "not found") : sendAsset(request, response, asset);
  };
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  response.setHeader("etag", asset.etag);
  response.setHeader("cache-control", "no-cache");
  response.setHeader("vary", "accept-encoding");
  if (request.headers["if-none-match"] === asset.etag) {
    response.writeHead(304).end();
    return;
  }
  const compressed = acceptsBrotli(request.headers["accept-encoding"]) ? asset.brotli : undefined;
  if (compressed !== undefined) response.setHeader("content-encoding", "br");
  send(response, 200, asset.type, compressed ?? asset.body);
}

function acceptsBrotli(header: string | string[] | undefined): boolean {
  return String(header ?? "")
    .split(",")
    .some((coding) => /^br\s*(?:;\s*q=(?!0(?:\.0*)?$).*)?$/.test(coding.trim()));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader("cache-control", "no-store");
  send(response, 200, "application/json", Buffer.from(JSON.stringify(value)));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.setHeader("cache-control", "no-store");
  send(response, status, "text/plain; charset=utf-8", Buffer.from(`${text}\n`));
}

function send(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { "content-type": type, "content-length": body.byteLength }).end(body);
}
