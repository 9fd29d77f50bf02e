import assert from "node:assert/strict";
import { test } from "node:test";
import { collectGoResults, type GoTestEvent } from "./go-results.ts";

const event = (Action: string, Package: string, Test?: string, Output?: string): GoTestEvent => ({
  Action,
  Package,
  ...(Test === undefined ? {} : { Test }),
  ...(Output === undefined ? {} : { Output }),
});

test("tests and subtests: each leaf counts once", () => {
  const { tally, failures } = collectGoResults([
    event("run", "m/a", "TestX"),
    event("output", "m/a", "TestX/one", "    x_test.go:9: seen 1\n"),
    event("fail", "m/a", "TestX/one"),
    event("pass", "m/a", "TestX/two"),
    event("fail", "m/a", "TestX"),
    event("skip", "m/a", "TestY"),
    event("pass", "m/a", "TestXtra"),
    event("fail", "m/a"),
    event("pass", "m/b", "TestX"),
    event("pass", "m/b"),
  ]);
  assert.deepEqual(tally, { passed: 3, failed: 1, skipped: 1 });
  assert.deepEqual(failures, [{ where: "m/a", name: "TestX/one", text: "    x_test.go:9: seen 1\n" }]);
});

test("a package that does not compile, or panics outside of a test, is one failure with its words", () => {
  const { tally, failures } = collectGoResults([
    { Action: "build-output", ImportPath: "m/a [m/a.test]", Output: "a_test.go:3: undefined: x\n" },
    { Action: "build-fail", ImportPath: "m/a [m/a.test]" },
    event("output", "m/a", undefined, "FAIL m/a [build failed]\n"),
    event("fail", "m/a"),
  ]);
  assert.deepEqual(tally, { passed: 0, failed: 1, skipped: 0 });
  assert.match(failures[0]?.text ?? "", /undefined: x[^]*build failed/);
});
