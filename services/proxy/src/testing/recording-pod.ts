import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

/**
 * A pod: a real HTTP and WebSocket server that remembers every connection and every byte it got. By default it echoes:
 * HTTP answers with what it was asked as JSON, a WebSocket with its messages.
 */
export class RecordingPod implements AsyncDisposable {
  readonly #server: Server;
  readonly webSockets = new WebSocketServer({ noServer: true });
  /** Every byte of every connection, in order of arrival. */
  readonly #chunks: Buffer[] = [];
  readonly #sockets = new Set<Socket>();
  connections = 0;
  /** Replaces the answer to HTTP requests. */
  onRequest: RequestListener = (request, response) => void echo(request).then((body) => response.end(body));
  /** Replaces the answer to WebSocket handshakes. */
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void = (request, socket, head) => {
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", (message, binary) => webSocket.send(message, { binary }));
    });
  };

  private constructor() {
    this.#server = createServer((request, response) => this.onRequest(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.onUpgrade(request, socket, head));
    this.#server.on("connection", (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** @param host an address of the loopback; each may be taken for another pod's */
  static async start(host: string = "127.0.0.1"): Promise<RecordingPod> {
    const pod = new RecordingPod();
    await new Promise<void>((resolve) => pod.#server.listen(0, host, resolve));
    return pod;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All bytes that it got so far. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Forgets what it got. */
  forget(): void {
    this.#chunks.length = 0;
    this.connections = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}

/** What a request was, as JSON. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function echo(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method, url, rawHeaders, headers } = request;
  return JSON.stringify({ method, url, rawHeaders, headers, body: Buffer.concat(chunks).toString("latin1") });
}
