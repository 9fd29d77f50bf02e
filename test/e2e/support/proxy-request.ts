import http from "node:http";
import { E2E_PORT } from "./carrel.ts";

/** An answer of the proxy. */
export interface ProxyAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A request to a session's host, as any client could send it; `upgrade` asks for a WebSocket. */
export function proxyRequest(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly upgrade?: boolean;
    readonly body?: string;
  } = {},
): Promise<ProxyAnswer> {
  const { host, pathname, search } = new URL(url);
  const upgrade =
    options.upgrade === true
      ? {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
      : {};
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: "127.0.0.1",
      port: E2E_PORT,
      path: `${pathname}${search}`,
      method: options.method ?? "GET",
      agent: false,
      headers: { host, ...upgrade, ...options.headers },
    });
    request.setTimeout(20_000, () => request.destroy(new Error(`no answer from ${url}`)));
    request.on("error", reject);
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
    });
    request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.end(options.body);
  });
}
