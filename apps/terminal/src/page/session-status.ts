/** What Carrel's proxy says of the session on `/.carrel/status`. */
export type SessionStatus =
  | {
      readonly known: true;
      readonly phase: string;
      /** Empty when there is none. */
      readonly reason: string;
      /** For people; empty when there is none. */
      readonly message: string;
      readonly expiresInMs: number | undefined;
    }
  /** `absent`: nothing answers there, so this server is not behind Carrel. */
  | { readonly known: false; readonly why: "absent" | "signed-out" | "forbidden" | "unreachable" };

const PATH = "/.carrel/status";
const TIMEOUT_MS = 5_000;

/** Asks for the status. Never rejects: what goes wrong is an answer as well. */
export async function fetchSessionStatus(): Promise<SessionStatus> {
  try {
    const response = await fetch(PATH, {
      headers: { accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const serverNow = Date.parse(response.headers.get("date") ?? "");
    return readSessionStatus(response.status, await response.text(), Number.isNaN(serverNow) ? Date.now() : serverNow);
  } catch {
    return { known: false, why: "unreachable" };
  }
}

/** Reads an answer. Times are taken against `serverNow`, the server's own clock (ms since 1970), not the browser's. */
export function readSessionStatus(httpStatus: number, body: string, serverNow: number): SessionStatus {
  if (httpStatus === 401) return { known: false, why: "signed-out" };
  if (httpStatus === 403) return { known: false, why: "forbidden" };
  const { phase, reason, message, expiresAt } = parseObject(body);
  if (typeof phase === "string") {
    const expiry = typeof expiresAt === "string" ? Date.parse(expiresAt) : Number.NaN;
    return {
      known: true,
      phase,
      reason: typeof reason === "string" ? reason : "",
      message: typeof message === "string" ? message : "",
      expiresInMs: Number.isNaN(expiry) ? undefined : expiry - serverNow,
    };
  }
  if (httpStatus === 410) return { known: true, phase: "Ended", reason: "", message: "", expiresInMs: undefined };
  return { known: false, why: httpStatus >= 500 ? "unreachable" : "absent" };
}

/** True when the session is over or about to be. */
export function isOver(status: SessionStatus): status is SessionStatus & { known: true } {
  return status.known && (status.phase === "Ending" || status.phase === "Ended");
}

function parseObject(text: string): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Partial<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
