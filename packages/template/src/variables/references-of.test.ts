import assert from "node:assert/strict";
import { test } from "node:test";
import { aTemplate } from "../testing/a-template.ts";
import { referencesOf } from "./references-of.ts";
import { stageOfVariable } from "./stage-of.ts";

test("finds references in calls and nested values, with their places, and none in keys, literals and broken texts", () => {
  const tree = {
    "$(k)": { a: ["x", "$(one)"] },
    b: "$(default(two, lower(three)))-$$(no)",
    c: "$(broken",
    "d.e": "$(four)",
  };
  assert.deepEqual(referencesOf(tree, "spec"), [
    { name: "one", path: 'spec["$(k)"].a[1]', whole: true },
    { name: "two", path: "spec.b", whole: false },
    { name: "three", path: "spec.b", whole: false },
    { name: "four", path: 'spec["d.e"]', whole: true },
  ]);
});

test("a tree is for the claim as soon as anything in it is, through outputs and after as well", () => {
  const object = (name: string, value: string, more: object = {}): object => ({
    name,
    template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { value } },
    ...more,
  });
  const { spec } = aTemplate({
    objects: [
      object("early", "$(session.namespace)", { outputs: { value: "data.value" } }),
      object("late", "$(user.id)", { outputs: { value: "data.value" } }),
      object("follows", "$(outputs.late.value)", { outputs: { value: "data.value" } }),
      object("waits", "plain", { after: ["follows"], outputs: { value: "data.value" } }),
      object("both", "$(workspace.name)$(outputs.early.value)", { outputs: { value: "data.value" } }),
      object("mixed", "$(workspace.name)$(outputs.waits.value)", { outputs: { value: "data.value" } }),
      object("asks", "plain", { when: "$(parameters.x)", outputs: { value: "data.value" } }),
    ],
  });
  const stages = ["early", "late", "follows", "waits", "both", "mixed", "asks"].map((name) =>
    stageOfVariable(`outputs.${name}.value`, spec),
  );
  assert.deepEqual(stages, ["build", "claim", "claim", "claim", "build", "claim", "claim"]);
});

test("objects that wait for each other have a stage nevertheless", () => {
  const { spec } = aTemplate({
    objects: ["a", "b"].map((name) => ({
      name,
      after: [name === "a" ? "b" : "a"],
      template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
    })),
  });
  assert.equal(stageOfVariable("outputs.a.x", spec), "build");
});
