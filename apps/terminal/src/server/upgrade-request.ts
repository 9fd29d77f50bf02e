import type { IncomingMessage } from "node:http";
import { DEFAULT_TERMINAL_ID, isTerminalId } from "../protocol/terminal-id.ts";
import { DEFAULT_SIZE, type TerminalSize, terminalSize } from "../protocol/terminal-size.ts";
import { isSameOrigin } from "./same-origin.ts";

/** What a request for a WebSocket asks for, or why it is refused, as an HTTP status. */
export type UpgradeRequest =
  | { readonly refused: 400 | 403 | 404 }
  | { readonly refused?: undefined; readonly id: string; readonly size: TerminalSize };

/** Reads `/ws?id=…&cols=…&rows=…`; everything in the query has a default. */
export function readUpgradeRequest(request: Pick<IncomingMessage, "url" | "headers">): UpgradeRequest {
  const [path, query = ""] = (request.url ?? "").split("?", 2);
  if (path !== "/ws") return { refused: 404 };
  if (!isSameOrigin(request.headers.origin, request.headers.host)) return { refused: 403 };
  const parameters = new URLSearchParams(query);
  const id = parameters.get("id") ?? DEFAULT_TERMINAL_ID;
  if (!isTerminalId(id)) return { refused: 400 };
  const cols = Number(parameters.get("cols") ?? DEFAULT_SIZE.cols);
  const rows = Number(parameters.get("rows") ?? DEFAULT_SIZE.rows);
  return { id, size: terminalSize(cols, rows) ?? DEFAULT_SIZE };
}
