import { TerminalPage, type TerminalList } from "./terminal-page.ts";

/** What to show when the list cannot be had: the page still opens its first terminal, which says what is wrong. */
const UNKNOWN: TerminalList = { terminals: [], limit: 8 };

void new TerminalPage(await listTerminals());

async function listTerminals(): Promise<TerminalList> {
  try {
    const response = await fetch("terminals", { cache: "no-store", signal: AbortSignal.timeout(3_000) });
    return response.ok ? ((await response.json()) as TerminalList) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
