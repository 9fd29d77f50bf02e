import { type TerminalSize, terminalSize } from "./terminal-size.ts";

/** A text message from the page. Binary messages are input for the shell, or an acknowledgement when empty. */
export type ClientMessage =
  | ({ readonly type: "resize" } & TerminalSize)
  | {
      /** End the shell, for every viewer. */
      readonly type: "end";
    };

/** The message in `text`, or undefined when it is none that this version knows. Sizes are clamped. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { type, cols, rows } = value as { readonly type?: unknown; readonly cols?: unknown; readonly rows?: unknown };
  if (type === "end") return { type };
  const size = terminalSize(cols, rows);
  return type === "resize" && size !== undefined ? { type, ...size } : undefined;
}
