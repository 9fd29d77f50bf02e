import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** What `/.carrel/status` answers. */
export interface StatusAnswer {
  readonly status: number;
  readonly body: string;
}

/** A proxy before a terminal server that closes its WebSockets on demand, as Carrel's does. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** The answer of `/.carrel/status`; a 404 when there is none. */
  statusAnswer: StatusAnswer | undefined;
  /** How often the status was asked for. */
  statusRequests: number;
  /** Refuses new WebSockets with 503 while true. */
  refusing: boolean;
  /** How many WebSockets are open. */
  readonly open: number;
  /** Closes every WebSocket with this code and reason. */
  cut(code: number, reason?: string): void;
  /** Breaks every connection without a closing handshake. */
  break(): void;
}

/** Starts a proxy on a free port of the loopback for the server on `targetPort`. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const http = createServer((request, response) => answer(request, response));
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request: IncomingMessage, stream, head: Buffer) => {
    if (proxy.refusing) return void stream.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
    return sockets.handleUpgrade(request, stream, head, (client) => relay(client, request, targetPort));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;

  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${port}/`,
    statusAnswer: undefined,
    statusRequests: 0,
    refusing: false,
    get open() {
      return sockets.clients.size;
    },
    cut: (code, reason) => sockets.clients.forEach((socket) => socket.close(code, reason)),
    break: () => sockets.clients.forEach((socket) => socket.terminate()),
    async [Symbol.asyncDispose]() {
      proxy.break();
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return proxy;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url !== "/.carrel/status") return forward(request, response, targetPort);
    proxy.statusRequests += 1;
    const { status, body } = proxy.statusAnswer ?? { status: 404, body: "" };
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }
}

function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = request;
  const onward = httpRequest({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}

function relay(client: WebSocket, request: IncomingMessage, port: number): void {
  const upstream = new WebSocket(`ws://127.0.0.1:${port}${request.url ?? ""}`);
  const early: { data: Buffer; binary: boolean }[] = [];
  client.on("message", (data: Buffer, binary) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary });
    else early.push({ data, binary });
  });
  upstream.on("open", () => early.forEach(({ data, binary }) => upstream.send(data, { binary })));
  upstream.on("message", (data: Buffer, binary) => client.send(data, { binary }));
  upstream.on("close", (code, reason) => (code === 1006 ? client.terminate() : client.close(code, reason)));
  client.on("close", () => upstream.terminate());
  for (const socket of [client, upstream]) socket.on("error", () => undefined);
}
