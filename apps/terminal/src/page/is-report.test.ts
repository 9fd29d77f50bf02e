import assert from "node:assert/strict";
import { test } from "node:test";
import { isReport } from "./is-report.ts";

test("what a screen answers by itself is told from what is typed", () => {
  const answers = [
    "\x1b[?1;2c",
    "\x1b[>0;276;0c",
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[12;80R",
    "\x1b[?12;80R",
    "\x1b[?2004;1$y",
    "\x1b[4;1$y",
    "\x1b[8;24;80t",
    "\x1b[?0u",
    "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]11;rgb:0000/0000/0000\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1b[0n\x1b[1;1R",
  ];
  for (const answer of answers) assert.equal(isReport(answer), true, JSON.stringify(answer));
  const typed = ["l", "ls -l\r", "é€", "\r", "\t", "\x03", "\x7f", "\x1b", "\x1bb", "\x1b[A", "\x1b[1;5C", "\x1bOP"];
  typed.push("\x1b[15~", "\x1b[Z", "\x1b[200~echo 12c\r\x1b[201~", "\x1b[I", "\x1b[0nls\r", "c", "");
  for (const text of typed) assert.equal(isReport(text), false, JSON.stringify(text));
});
