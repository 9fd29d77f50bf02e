import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "./table.ts";

test("columns are aligned, and no line ends in blanks", () =>
  assert.equal(
    table(
      ["NAME", "PHASE"],
      [
        ["s1", "Ready"],
        ["session", undefined],
      ],
    ),
    "NAME      PHASE\ns1        Ready\nsession",
  ));
