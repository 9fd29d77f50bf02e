/** Columns and rows of a terminal, as in `stty size`. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** The size of a terminal whose viewer named none. */
export const DEFAULT_SIZE: TerminalSize = { cols: 80, rows: 24 };

const MAX_COLS = 1000;
const MAX_ROWS = 500;

/** A size with both numbers as integers within 2…1000 and 1…500, or undefined when one is no finite number. */
export function terminalSize(cols: unknown, rows: unknown): TerminalSize | undefined {
  if (typeof cols !== "number" || typeof rows !== "number" || !Number.isFinite(cols) || !Number.isFinite(rows)) {
    return undefined;
  }
  return { cols: clamp(cols, 2, MAX_COLS), rows: clamp(rows, 1, MAX_ROWS) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.trunc(value)));
}
