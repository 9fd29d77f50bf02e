/** A text message from the server. Binary messages are output of the shell, byte for byte. */
export type ServerMessage =
  | {
      /** The first message. The next `replayBytes` bytes of output are history: the page clears its screen first. */
      readonly type: "attached";
      readonly id: string;
      readonly replayBytes: number;
      /** False when the shell was started for this connection. */
      readonly resumed: boolean;
    }
  | {
      /** The last message: the shell has exited, with a code or by a signal number (0: none). */
      readonly type: "exited";
      readonly exitCode: number;
      readonly signal: number;
    };

/** The message in `text`, or undefined when it is none that this version of the page knows. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  const message = value as Partial<Record<string, unknown>>;
  if (message["type"] === "attached" && typeof message["id"] === "string" && isCount(message["replayBytes"])) {
    const { id, replayBytes, resumed } = message as { id: string; replayBytes: number; resumed?: unknown };
    return { type: "attached", id, replayBytes, resumed: resumed === true };
  }
  if (message["type"] === "exited" && isCount(message["exitCode"]) && isCount(message["signal"])) {
    return { type: "exited", exitCode: message["exitCode"], signal: message["signal"] };
  }
  return undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
