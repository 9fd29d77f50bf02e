/**
 * CSI answers: device attributes (`c`), status (`n`), cursor position (`R`), window (`t`), mode (`$y`), colour scheme
 * and keyboard (`?…u`); strings: OSC, which tells a colour, and DCS, which tells a setting.
 */
// oxlint-disable-next-line no-control-regex -- control sequences are what it is about
const REPORT = /^(?:\u001b\[[?>]?[\d;]*(?:[cnRt]|\$y)|\u001b\[\?\d*u|\u001b[\]P][^\u001b\u0007]*(?:\u001b\\|\u0007))+$/;

/**
 * True for what a screen sends by itself when a program asks it something, and nobody types: so the two can be told
 * apart. Shift+F3 and its like look like a cursor position and count as one.
 */
export function isReport(text: string): boolean {
  return REPORT.test(text);
}
