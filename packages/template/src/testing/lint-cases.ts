import assert from "node:assert/strict";
import { test } from "node:test";
import { policyProfileSpecSchema, type PolicyProfileSpec } from "@carrel/api";
import { lintTemplate, type LintContext } from "../lint/lint-template.ts";
import type { Problem } from "../lint/problem.ts";
import { aTemplate } from "./a-template.ts";

/** A ceiling profile with these fields. */
export const ceiling = (fields: object = {}): PolicyProfileSpec =>
  policyProfileSpecSchema.parse({ ceiling: true, ...fields });
/** What is wrong with a template of these fields. */
export const lint = (fields: object, context: Partial<LintContext> = {}): readonly Problem[] =>
  lintTemplate(aTemplate({ ...fields }), { ceilings: [], ...context });

/** An entry of `objects`: a ConfigMap but for what is given. */
export const object = (template: object, more: object = {}): object => ({
  name: "one",
  template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" }, ...template },
  ...more,
});
/** A `workspace` whose pod has these fields. */
export const desk = (spec: object, metadata: object = {}): object => ({
  template: { metadata, spec: { containers: [{ name: "main", image: "i" }], ...spec } },
});
/** A `workspace` whose container has this value in its environment. */
export const env = (value: string): object =>
  desk({ containers: [{ name: "main", image: "i", env: [{ name: "A", value }] }] });
/** An entry of `objects` of an RBAC kind. */
export const rbac = (kind: string, more: object): object =>
  object({ apiVersion: "rbac.authorization.k8s.io/v1", kind, ...more });
/** A rule of a Role. */
export const rule = (group: string, resource: string, ...verbs: string[]): object => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
});

/** What is wrong, then: rule, path, and what the message says. */
export type Case = readonly [string, object, string, string, RegExp];

/** One test for each case: the error is found where it is, and told once. */
export function testErrors(cases: readonly Case[]): void {
  for (const [name, fields, id, path, message] of cases) {
    test(`refuses ${name}`, () => {
      const errors = lint(fields).filter(({ severity }) => severity === "error");
      const found = errors.find((problem) => problem.rule === id && problem.path === path);
      assert.ok(found, JSON.stringify(errors, undefined, 1));
      assert.match(found.message, message);
      // What follows from the mistake stays out of the way.
      assert.equal(errors.filter((problem) => problem.path === path).length, 1, JSON.stringify(errors));
      for (const problem of errors) assertWording(problem);
    });
  }
}

/** One test for each case: the warning is all there is. */
export function testWarnings(cases: readonly Case[]): void {
  for (const [name, fields, id, path, message] of cases) {
    test(`warns of ${name}`, () => {
      const problems = lint(fields);
      assert.deepEqual(
        problems.map((problem) => [problem.severity, problem.rule, problem.path]),
        [["warning", id, path]],
      );
      assert.match(problems[0]?.message ?? "", message);
      for (const problem of problems) assertWording(problem);
    });
  }
}

/** Messages are shown in lists and sentences. */
function assertWording({ message }: Problem): void {
  assert.ok(message.length > 10 && message.length < 700 && !message.endsWith("."), message);
}
