import { open, stat } from "node:fs/promises";
import { toApiCall, type ApiCall, type AuditEvent } from "./audit-event.ts";

/** The API server's audit log from now on: the neutral counter of API calls. */
export class AuditLog {
  readonly #path: string;
  #offset: number;

  private constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  /** Starts at the end of the log as it is now. */
  static async open(path: string): Promise<AuditLog> {
    return new AuditLog(path, (await stat(path)).size);
  }

  /**
   * The calls that were logged since the last time, in the order of their completion. The API server writes a line
   * before it ends the answer, so a call whose answer was received is here.
   */
  async take(): Promise<ApiCall[]> {
    await using file = await open(this.#path);
    const { size } = await file.stat();
    const bytes = Buffer.alloc(size - this.#offset);
    await file.read(bytes, 0, bytes.length, this.#offset);
    // The last line may be half written.
    const end = bytes.lastIndexOf("\n") + 1;
    this.#offset += end;
    return parseAuditLines(bytes.toString("utf8", 0, end));
  }
}

/** The calls that complete lines of an audit log are about. */
export function parseAuditLines(text: string): ApiCall[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => toApiCall(JSON.parse(line) as AuditEvent));
}
