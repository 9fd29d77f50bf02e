import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ensureProgram } from "@carrel/cluster";
import { SESSION_TEMPLATES, SESSIONS } from "@carrel/kube";
import { installedCarrel, type InstalledCarrel } from "./support/carrel.ts";
import type { CommandResult } from "./support/kubectl.ts";

/** docs/tutorials/first-template.md: every command of it, in order, in one directory. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BLOCKS = /^```sh( fails)?\n([^]*?)^```$/gm;
const BLOCK_TIMEOUT_MS = 180_000;
let carrel: InstalledCarrel;
let directory: string;
let kubectl: string;

before(async () => {
  carrel = await installedCarrel();
  kubectl = await ensureProgram("kubectl");
  directory = await mkdtemp(path.join(tmpdir(), "carrel-tutorial-"));
});
after(async () => {
  for (const name of ["lesson", "broken"]) await carrel.client.delete(SESSION_TEMPLATES, name).catch(() => undefined);
  for (const { metadata, spec, status } of (await carrel.client.list(SESSIONS)).items) {
    if (spec.template.name === "lesson" && status?.phase !== "Ended") await carrel.backend.endSession(metadata.name);
  }
  await carrel[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Runs lines of bash until one fails; variables and functions stay for the next. */
async function bash(script: string): Promise<CommandResult> {
  const program = `
    kubectl() { ${JSON.stringify(kubectl)} --kubeconfig ${JSON.stringify(carrel.kubeconfig)} "$@"; }
    if [ -e .state ]; then . ./.state; fi
    set -e -o pipefail
    ${script}
    { declare -f session workspace desk; declare -p IMAGE; } > .state`;
  const env = { ...process.env, KUBECONFIG: carrel.kubeconfig };
  return await new Promise((resolve) => {
    const options = { cwd: directory, env, timeout: BLOCK_TIMEOUT_MS };
    execFile("bash", ["-c", program], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

test("the tutorial's commands do what it says", async (t) => {
  const page = await readFile(path.join(ROOT, "docs/tutorials/first-template.md"), "utf8");
  // The record of an ended session keeps its user's name for a day.
  const run = Math.random().toString(36).slice(2, 6);
  const adapted = page
    .replaceAll(/\b(ada|ben|carl|dora|emil|fred)\b/g, `$1-${run}`)
    .replaceAll("./carrel ", `${path.join(ROOT, "carrel")} `);
  let number = 0;
  for (const [, fails, script = ""] of adapted.matchAll(BLOCKS)) {
    number += 1;
    const last = script.trim().split("\n").at(-1) ?? "";
    await t.test(`${number}: ${last.replace(ROOT, "./")}`, async (step) => {
      const { code, output } = await bash(script);
      const shown = output.replaceAll(/carrel_token=\S+/g, "carrel_token=…");
      for (const line of shown.trimEnd().split("\n").slice(-4)) step.diagnostic(line);
      if (fails === undefined) assert.equal(code, 0, output);
      else assert.ok(code > 0, output);
    });
  }
  assert.ok(number > 15, `${number} blocks`);
});
