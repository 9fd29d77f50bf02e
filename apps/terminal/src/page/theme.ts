import type { ITheme } from "@xterm/xterm";

/** Colours of the terminal; the rest of the page has the same in `style.css`. */
export const THEME: ITheme = {
  background: "#0f141b",
  foreground: "#d8dfe9",
  cursor: "#7fd1b9",
  cursorAccent: "#0f141b",
  selectionBackground: "#2f4a63",
  black: "#1b232e",
  red: "#f0727a",
  green: "#84cf8a",
  yellow: "#e6c46a",
  blue: "#6fb0f5",
  magenta: "#c79bf2",
  cyan: "#66cfd0",
  white: "#c3ccd8",
  brightBlack: "#6b7a8d",
  brightRed: "#ff9aa0",
  brightGreen: "#a8e6a8",
  brightYellow: "#f6dc93",
  brightBlue: "#9bcbff",
  brightMagenta: "#dcbcff",
  brightCyan: "#96e8e6",
  brightWhite: "#f4f7fb",
};

/** Fixed-width fonts that systems have, best first. */
export const FONT_FAMILY =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", ' +
  '"Liberation Mono", monospace';
