import assert from "node:assert/strict";
import { test } from "node:test";
import { findImports } from "./find-imports.ts";
import { scanSource } from "./scan-source.ts";

const imports = (text: string): string[] => findImports(scanSource(text)).map(({ specifier }) => specifier);

test("every form of import is found, with its line", () => {
  const text = `import a from "m1";
import type { B } from 'm2';
import { c, type D } from "m3"; import "m4";
export * from "m5";
export type { E } from "m6";
import {
  f,
  g,
} from "m7";
const h = await import("m8");
type I = import("m9").I;
const j = require("m10");
const k = import.meta.resolve("m11");
import l from "m12" with { type: "json" };
export { m as default } from/* why */"m13";
`;
  const found = findImports(scanSource(text));
  assert.deepEqual(
    found.map(({ specifier }) => specifier),
    Array.from({ length: 13 }, (_, index) => `m${index + 1}`),
  );
  assert.deepEqual(
    found.map(({ line }) => line),
    [1, 2, 3, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15],
  );
});

test("what only looks like an import is none", () => {
  const text = `// import x from "no1";
/* import "no2"; */
const text = 'import y from "no3"';
const template = \`import z from "no4"; \${"no5"}\`;
const a = Array.from("no6");
const b = { from: "no7", import: "no8" };
const pattern = /import "no9"/;
move("from", "no10");
object.import("no11");
`;
  assert.deepEqual(imports(text), []);
});

test("strings, templates and patterns are masked, code between them is not", () => {
  const cases: readonly (readonly [string, string])[] = [
    [`a("x\\"y") + 1`, `a("____") + 1`],
    ["`a${b(`c${d}`)}e` + f", "`_${b(`_${d}`)}_` + f"],
    ['x = /[/"]\\//g.test(y) / 2', "x = /______/g.test(y) / 2"],
    ["return /'/.test(z)", "return /_/.test(z)"],
    ["a / b / c", "a / b / c"],
    ["(a) / b; x[0] / y; 4 / 'q'.length", "(a) / b; x[0] / y; 4 / '_'.length"],
    ["f({ a: `${{}}` }, { b: '}' })", "f({ a: `${{}}` }, { b: '_' })"],
  ];
  for (const [text, code] of cases) assert.equal(scanSource(text).code, code);
});

test("comments are blanked, lines stay", () => {
  const { code } = scanSource("a(); // process.exit\n/* one\n two */ b();\n`t\n` // c");
  assert.equal(code, `a();                \n      \n        b();\n\`_\n\`     `.replace("_\n", "_\n"));
  assert.equal(code.split("\n").length, 5);
});
