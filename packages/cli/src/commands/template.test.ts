import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const GOOD = `apiVersion: carrel.dev/v1alpha1
kind: SessionTemplate
metadata: { name: good }
spec:
  workspace: { template: { spec: { containers: [{ name: a, image: i }] } } }
  endpoints: [{ name: main, port: 80 }]
`;

function lint(
  input: string,
  ...args: string[]
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "template", "lint", ...args], {
    input,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

test("exit code 0: all is well", () => {
  assert.deepEqual(lint(GOOD, "-"), { code: 0, out: "1 template, 0 warnings, no errors\n", err: "" });
});

test("exit code 1: errors, as text with file and line, or as JSON", () => {
  const bad = GOOD.replace("name: main", "name: wrong");
  const { code, out } = lint(bad, "-");
  assert.equal(code, 1);
  assert.equal(out, "-:6: error: [schema] good spec.endpoints: one endpoint must be called main\n");
  const [problem] = JSON.parse(lint(bad, "-", "-o", "json").out) as { line: number; path: string; name: string }[];
  assert.deepEqual([problem?.line, problem?.path, problem?.name], [6, "spec.endpoints", "good"]);
});

test("exit code 2: nothing to check", () => {
  assert.equal(lint("", "-").code, 2);
  assert.equal(lint("").code, 2);
  assert.match(lint("", "no-such-file.yaml").err, /no-such-file\.yaml cannot be read/);
});
