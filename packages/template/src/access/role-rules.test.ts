import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { accessRuleSchema } from "@carrel/api";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { beyond } from "./beyond.ts";
import { ROLE_RULES } from "./role-rules.ts";

const chart = readFileSync(new URL("../../../../deploy/chart/templates/learner-roles.yaml", import.meta.url), "utf8");
const roles = parseAllDocuments(chart.replaceAll(/\{\{.*\}\}/g, "{}"))
  .map((document) =>
    z.object({ metadata: z.object({ name: z.string() }), rules: z.array(accessRuleSchema) }).safeParse(document.toJS()),
  )
  .flatMap(({ data }) => (data === undefined ? [] : [data]));

for (const role of ["admin", "edit", "view"] as const) {
  // Where the chart has no ClusterRole of its own for `admin`, it is the one for `edit`.
  const own =
    roles.find(({ metadata }) => metadata.name === `carrel-learner-${role}`) ??
    roles.find(({ metadata }) => metadata.name === "carrel-learner-edit");
  test(`the chart's role for ${role} gives what the table says`, () => {
    assert.ok(own);
    assert.deepEqual(
      ROLE_RULES[role].flatMap((rule) => beyond(rule, own.rules)),
      [],
    );
  });
}
