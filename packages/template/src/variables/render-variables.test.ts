import assert from "node:assert/strict";
import { test } from "node:test";
import { parameterSchema } from "@carrel/api";
import { hasCode } from "@carrel/std";
import fc from "fast-check";
import { MAX_RENDERED_LENGTH, renderVariables } from "./render-variables.ts";
import { typedVariables } from "./typed-variables.ts";
import type { Variables } from "./variables.ts";

test("replaces in nested strings, once, and leaves keys and other types alone", () => {
  const tree = { "$(a)": ["x$(a)y", 1, true, null, { b: "$(a)$(b)" }], c: "$$(a)" };
  assert.deepEqual(renderVariables(tree, { a: "$(b)", b: "2" }), {
    "$(a)": ["x$(b)y", 1, true, null, { b: "$(b)2" }],
    c: "$(a)",
  });
});

test("names every unknown variable and its place, also ones that live on Object.prototype", () => {
  assert.throws(
    () => renderVariables({ a: ["$(session.nme)", "$(toString)"] }, { "session.name": "s" }, "spec"),
    (error: Error) =>
      hasCode(error, "INVALID") &&
      error.message.includes("spec.a[0]: there is no variable session.nme") &&
      error.message.includes("spec.a[1]: there is no variable toString"),
  );
});

const refused: [string, string, RegExp][] = [
  ["known only at claim", "$(user.name)", /known only once a user has the session/],
  ["an unknown function", "$(upper(a))", /no function upper; there are base64, sha256/],
  ["a function of Object.prototype", "$(constructor(a))", /no function constructor/],
  ["too few arguments", "$(default(a))", /default\(x, otherwise\) was given 1 arguments/],
  [
    "an unfinished reference",
    "text $(a",
    /\$\(a is not a reference to a variable: expected \) at the end; write \$\$\(/,
  ],
  ["a shell substitution", "$(date +%s)", /expected \) before "\+%s\)"/],
  ["an empty reference", "$()", /expected the name of a variable or function/],
  ["a bare literal", "$('a')", /a literal needs no/],
  ["an unfinished string", `$(lower("a))`, /no closing "/],
  ["nesting without end", "$(lower(lower(lower(lower(lower(lower(a)))))))", /nested more than 4 deep/],
  ["a trailing comma", "$(lower(a,))", /expected the name/],
  ["text behind the name", "$(a b)", /expected \)/],
];
for (const [name, text, message] of refused) {
  test(`refuses: ${name}`, () => assert.throws(() => renderVariables({ f: text }, { a: "1" }), message));
}

test("a value that is one reference keeps the type; in a text or a function it is written out", () => {
  const parameters = [
    { name: "n", type: "int" },
    { name: "on", type: "bool" },
    { name: "none", type: "int" },
  ].map((parameter) => parameterSchema.parse(parameter));
  const variables = typedVariables(
    { parameters },
    { "parameters.n": "-5", "parameters.on": "false", "parameters.none": "", "user.id": "7" },
  );
  assert.deepEqual(
    renderVariables(
      [
        "$(parameters.n)",
        "$( parameters.on )",
        "$(parameters.none)",
        "$(string(parameters.n))",
        "n=$(parameters.n)",
        "$(user.id)",
        "$(json(parameters.on))",
      ],
      variables,
    ),
    [-5, false, "", "-5", "n=-5", "7", "false"],
  );
});

test("a fact that the user's backend did not give is empty, once there is a user", () => {
  assert.equal(renderVariables(`$(default(user.claims.course, "none"))`, { "user.id": "u" }), "none");
  assert.throws(() => renderVariables("$(user.claims.course)", {}), /known only once/);
});

test("a text may not grow past any bound", () => {
  const tree = Array.from({ length: 300 }, () => "$(a)");
  const a = "x".repeat(4096);
  assert.throws(() => renderVariables(tree, { a }), /longer than 1000000 characters/);
  assert.equal(renderVariables(tree.slice(0, 200), { a }).join("").length, 200 * 4096);
  assert.ok(200 * 4096 < MAX_RENDERED_LENGTH);
  // Longer than a string can be, from a single text.
  assert.throws(() => renderVariables("$(a)".repeat(200_000), { a }), /longer than 1000000 characters/);
});

const anyText = fc.string({
  unit: fc.constantFrom("$", "(", ")", "a", ".", ",", '"', "'", "\\", " ", "$(", "lower", "é"),
  maxLength: 60,
});

test("any text is rendered or refused as INVALID, never anything else", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      try {
        assert.equal(typeof renderVariables(text, { a: "1", lower: "2" }), "string");
      } catch (error) {
        assert.ok(hasCode(error, "INVALID"), String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("each text can be written as a literal: $( as $$(", () => {
  fc.assert(
    fc.property(anyText, (text) => renderVariables(text.replaceAll("$(", "$$$$("), {}) === text),
    {
      numRuns: 2_000,
    },
  );
});

test("inserted text is never read again", () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (before, value, after) => {
      const literal = (text: string): string => text.replaceAll("$", "").replaceAll("(", "");
      const variables: Variables = { a: value };
      assert.equal(
        renderVariables(`${literal(before)}$(a)${literal(after)}`, variables),
        `${literal(before)}${value}${literal(after)}`,
      );
    }),
    { numRuns: 2_000 },
  );
});

test("reading takes time in proportion to the length: long hostile texts are answered at once", () => {
  const hostile = [
    "$".repeat(200_000),
    "$$(".repeat(60_000),
    `$(${"a".repeat(200_000)}`,
    `$(lower("${"\\".repeat(200_000)}`,
  ];
  for (const text of hostile) {
    try {
      renderVariables(text, {});
    } catch (error) {
      assert.ok(hasCode(error, "INVALID"));
      assert.ok(error.message.length < 1_000);
    }
  }
});
