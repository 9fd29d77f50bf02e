import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";
import { WebSocketServer } from "ws";
import { CLOSE } from "../protocol/close-code.ts";
import { MAX_CLIENT_MESSAGE_BYTES } from "../protocol/limits.ts";
import type { NativePty } from "../shell/native-pty.ts";
import type { ShellCommand } from "../shell/shell.ts";
import { TerminalRegistry } from "../terminals/terminal-registry.ts";
import { loadAssets } from "./assets.ts";
import { attachSocket } from "./attach-socket.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createRequestHandler } from "./request-handler.ts";
import { readUpgradeRequest } from "./upgrade-request.ts";

/** How a terminal server runs. */
export interface TerminalServerOptions {
  /** Left out: every address of the machine, IPv6 and IPv4 where it has both. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where `buildPage` has put the page. */
  readonly assetsDir: string;
  readonly command: ShellCommand;
  readonly pty: NativePty;
  readonly maxTerminals: number;
  readonly maxSockets: number;
  readonly scrollbackBytes: number;
  readonly detachedTtlMs: number;
}

/** A server that listens. */
export interface TerminalServer extends AsyncDisposable {
  readonly port: number;
  /** Closes every socket with 1012, ends every shell and stops listening; takes three seconds at most. */
  close(): Promise<void>;
}

const HEARTBEAT_MS = 30_000;
const STALL_CHECK_MS = 5_000;
const CLOSE_MS = 1_000;

/** Starts a terminal server: the page on `/`, terminals on `/ws`. Resolves once it listens. */
export async function startTerminalServer(options: TerminalServerOptions): Promise<TerminalServer> {
  const assets = await loadAssets(options.assetsDir);
  const registry = new TerminalRegistry({ ...options, now: () => performance.now() });
  const listTerminals = () => ({ terminals: registry.ids, limit: options.maxTerminals });
  const http = createServer(createRequestHandler({ assets, listTerminals }));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  http.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => stream.destroy());
    const wanted = readUpgradeRequest(request);
    if (wanted.refused !== undefined) return refuse(stream, wanted.refused);
    if (sockets.clients.size >= options.maxSockets) return refuse(stream, 503);
    return sockets.handleUpgrade(request, stream, head, (socket) =>
      attachSocket(registry, socket, wanted.id, wanted.size),
    );
  });
  const stopHeartbeat = startHeartbeat(() => sockets.clients, HEARTBEAT_MS);
  const stallCheck = setInterval(() => registry.cutStalled(), STALL_CHECK_MS).unref();

  http.listen({ port: options.port, host: options.host });
  await once(http, "listening");

  const close = async (): Promise<void> => {
    stopHeartbeat();
    clearInterval(stallCheck);
    http.close();
    await Promise.all([closeSockets(sockets), registry.endAll()]);
    await closeHttp(http);
  };
  const { port } = http.address() as AddressInfo;
  return { port, close, [Symbol.asyncDispose]: close };
}

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    stream.destroy(),
  );
}

/** Closes every socket, and ends those that have not closed within a second. */
async function closeSockets(sockets: WebSocketServer): Promise<void> {
  const open = [...sockets.clients];
  const closed = open.map((socket) => once(socket, "close"));
  for (const socket of open) {
    socket.resume();
    socket.close(CLOSE.restart, "terminal server stops");
  }
  const late = setTimeout(() => open.forEach((socket) => socket.terminate()), CLOSE_MS);
  await Promise.all(closed);
  clearTimeout(late);
}

async function closeHttp(http: Server): Promise<void> {
  http.closeAllConnections();
  if (http.listening) await once(http, "close");
}
