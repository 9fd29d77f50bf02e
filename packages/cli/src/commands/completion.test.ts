import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test, type TestContext } from "node:test";
import type { Command } from "./command.ts";
import { completionOf } from "./completion.ts";
import { verb } from "./verb.ts";

const nothing = (): Promise<void> => Promise.resolve();
const COMMANDS: Readonly<Record<string, Command>> = {
  up: { summary: "", help: "", run: nothing },
  session: {
    summary: "",
    help: "",
    run: nothing,
    verbs: { list: verb({ user: { type: "string" } }, 0, nothing), end: verb({}, 1, nothing) },
  },
};

/** What bash offers after these words, the last of which is being typed. */
function offered(t: TestContext, ...words: string[]): string[] {
  let script = "";
  const write = t.mock.method(process.stdout, "write", (text: string) => {
    script += text;
    return true;
  });
  void completionOf(() => COMMANDS).run({ args: ["bash"], signal: AbortSignal.timeout(1000) });
  write.mock.restore();
  const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _carrel; echo "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", `${script}\n${line}`], { encoding: "utf8" })
    .trim()
    .split(" ");
}

test("bash is offered commands, verbs and options", (t) => {
  assert.deepEqual(offered(t, "carrel", ""), ["up", "session"]);
  assert.deepEqual(offered(t, "carrel", "session", ""), ["list", "end"]);
  assert.deepEqual(offered(t, "carrel", "session", "l"), ["list"]);
  assert.deepEqual(offered(t, "carrel", "session", "list", "--u"), ["--user"]);
  assert.deepEqual(offered(t, "carrel", "session", "end", "s1", ""), ["--help"]);
});
