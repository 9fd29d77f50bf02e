/** What the reader has chosen; kept in this browser. */
export interface Settings {
  /** CSS pixels. */
  readonly fontSize: number;
  /** Whether output is also written for screen readers, which makes long output slower. */
  readonly screenReader: boolean;
}

const KEY = "carrel-terminal";
const DEFAULTS: Settings = { fontSize: 14, screenReader: false };
const MIN_FONT_SIZE = 8;
const MAX_FONT_SIZE = 32;

/** The settings with every value in its bounds. */
export function validSettings(value: unknown): Settings {
  const { fontSize, screenReader } = (typeof value === "object" && value !== null ? value : {}) as Partial<
    Record<keyof Settings, unknown>
  >;
  const size = typeof fontSize === "number" && Number.isFinite(fontSize) ? Math.round(fontSize) : DEFAULTS.fontSize;
  return {
    fontSize: Math.min(MAX_FONT_SIZE, Math.max(MIN_FONT_SIZE, size)),
    screenReader: typeof screenReader === "boolean" ? screenReader : DEFAULTS.screenReader,
  };
}

/** Reads them; the defaults where storage is empty or denied (a frame of another site). */
export function loadSettings(): Settings {
  try {
    return validSettings(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    return DEFAULTS;
  }
}

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Denied: the choice holds until the page is left.
  }
}
