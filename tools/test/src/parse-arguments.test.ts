import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "./parse-arguments.ts";

test("suites run in their own order, all of them when none is named", () => {
  assert.deepEqual(parseArguments([]).suites, ["unit", "go", "integration", "e2e"]);
  assert.deepEqual(parseArguments(["e2e", "unit"]).suites, ["unit", "e2e"]);
});

test("filters, also as paths", () => {
  const parsed = parseArguments(["integration", "./packages/kube", "--filter", "proxy", "--filter=x", "--verbose"]);
  assert.deepEqual(parsed.suites, ["integration"]);
  assert.deepEqual(parsed.filters, ["proxy", "x", "packages/kube"]);
  assert.equal(parsed.verbose, true);
});

test("what it does not know is an error", () => {
  assert.throws(() => parseArguments(["uint"]), /there is no suite "uint"; there are unit, go, integration, e2e/);
  assert.throws(() => parseArguments(["--fast"]), /--fast/);
});
