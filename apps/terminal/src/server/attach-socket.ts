import { performance } from "node:perf_hooks";
import { CarrelError } from "@carrel/std";
import type { RawData, WebSocket } from "ws";
import { isAcknowledgement } from "../protocol/acknowledgement.ts";
import { parseClientMessage } from "../protocol/client-message.ts";
import { CLOSE } from "../protocol/close-code.ts";
import type { TerminalSize } from "../protocol/terminal-size.ts";
import type { Terminal } from "../terminals/terminal.ts";
import type { TerminalRegistry } from "../terminals/terminal-registry.ts";
import { Viewer } from "../terminals/viewer.ts";

/** Makes an accepted socket a viewer of terminal `id` for as long as it is open. */
export function attachSocket(registry: TerminalRegistry, socket: WebSocket, id: string, size: TerminalSize): void {
  const viewer = new Viewer(socket, performance.now());
  // Protocol errors of the peer end in "close" as well, which is where the viewer is detached.
  socket.on("error", () => undefined);
  const terminal = open(registry, socket, viewer, id, size);
  if (terminal === undefined) return;
  socket.on("message", (raw, isBinary) => receive(terminal, viewer, toBytes(raw), isBinary));
  socket.on("close", () => registry.detach(terminal, viewer));
}

function open(
  registry: TerminalRegistry,
  socket: WebSocket,
  viewer: Viewer,
  id: string,
  size: TerminalSize,
): Terminal | undefined {
  try {
    const terminal = registry.attach(id, viewer, size);
    if (terminal === undefined) socket.close(CLOSE.terminalLimit, "too many terminals");
    return terminal;
  } catch (error) {
    if (!(error instanceof CarrelError)) throw error;
    socket.close(CLOSE.shellFailed, error.message.slice(0, 120));
    return undefined;
  }
}

function receive(terminal: Terminal, viewer: Viewer, bytes: Buffer, isBinary: boolean): void {
  if (isBinary) {
    if (isAcknowledgement(bytes)) terminal.acknowledge(viewer);
    else terminal.input(viewer, bytes);
    return;
  }
  const message = parseClientMessage(bytes.toString());
  if (message === undefined) viewer.close(CLOSE.badMessage, "unknown message");
  else if (message.type === "end") terminal.end();
  else terminal.resize(message);
}

function toBytes(raw: RawData): Buffer {
  if (Buffer.isBuffer(raw)) return raw;
  return Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw);
}
