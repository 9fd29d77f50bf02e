import { styleText } from "node:util";
import { formatLogLine, type LogLine } from "./format-log-line.ts";

type Style = Parameters<typeof styleText>[0];

/** A colour for each service, in their order. */
const COLOURS: readonly Style[] = ["cyan", "magenta", "green", "yellow"];
const LEVELS: Readonly<Record<LogLine["level"], Style | undefined>> = {
  debug: "gray",
  info: undefined,
  text: undefined,
  warn: "yellow",
  error: "red",
};

/** Prints a service's lines with its name before them; colours only on a terminal, and not with NO_COLOR. */
export function logPrinter(name: string, index: number, out: NodeJS.WriteStream): (line: string) => void {
  const style = (paint: Style | undefined, text: string): string =>
    paint === undefined ? text : styleText(paint, text, { stream: out });
  const prefix = style(COLOURS[index % COLOURS.length], name.padEnd(11));
  return (line) => {
    const { level, text } = formatLogLine(line);
    for (const part of text.split("\n")) out.write(`${prefix} ${style(LEVELS[level], part)}\n`);
  };
}
