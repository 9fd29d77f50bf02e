import assert from "node:assert/strict";
import { test } from "node:test";
import { compareSync } from "bcryptjs";
import { FUNCTIONS } from "./functions.ts";
import { renderVariables } from "./render-variables.ts";

const render = (text: string, more: Record<string, string> = {}): unknown =>
  renderVariables(text, { x: "Grüße", empty: "", password: "s3cret", "workspace.uid": "uid-1", ...more });

const cases: readonly (readonly [string, string])[] = [
  ["$(base64(x))", "R3LDvMOfZQ=="],
  ["$(sha256('abc'))", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["$(json(x))", '"Grüße"'],
  [`$(json('a"b\\'c'))`, `"a\\"b'c"`],
  ["$(lower(x))", "grüße"],
  ["$(default(empty, 'other'))", "other"],
  ["$(default(x, 'other'))", "Grüße"],
  ["$(base64(lower(default(empty, 'ABC'))))", "YWJj"],
  ["a$(lower('X'))b$$(c)", "axb$(c)"],
  [
    "$(dockerConfig('registry:5000', 'u', password))",
    '{"auths":{"registry:5000":{"username":"u","password":"s3cret","auth":"dTpzM2NyZXQ="}}}',
  ],
];
for (const [text, expected] of cases) {
  test(`${text} is ${expected}`, () => assert.equal(render(text), expected));
}

test("htpasswd: bcrypt that fits the password; the same each time, another for another workspace or user", () => {
  const line = String(render("$(htpasswd('learner', password))"));
  const [user, hash] = line.split(":");
  assert.equal(user, "learner");
  assert.match(hash ?? "", /^\$2b\$08\$/);
  assert.ok(compareSync("s3cret", hash ?? ""));
  assert.ok(!compareSync("s3cre", hash ?? ""));
  assert.equal(render("$(htpasswd('learner', password))"), line);
  const salt = (text: unknown): string => String(text).split(":")[1]?.slice(0, 29) ?? "";
  assert.notEqual(salt(render("$(htpasswd('learner', password))", { "workspace.uid": "uid-2" })), salt(line));
  assert.notEqual(salt(render("$(htpasswd('teacher', password))")), salt(line));
  // The salt must not tell anything about the password.
  assert.equal(salt(render("$(htpasswd('learner', 'other'))")), salt(line));
});

test("htpasswd refuses what would not be one entry, and what bcrypt would cut", () => {
  assert.throws(() => render("$(htpasswd('a:b', password))"), /no : or space/);
  assert.throws(() => render("$(htpasswd('a', password))", { password: "é".repeat(37) }), /longer than 72 bytes/);
});

test("every function has as many parameters as it reads, and says what it does", () => {
  for (const [name, { parameters, means }] of Object.entries(FUNCTIONS)) {
    assert.ok(parameters.length > 0 && means.endsWith("."), name);
  }
});
