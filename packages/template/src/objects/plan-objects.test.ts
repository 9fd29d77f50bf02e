import assert from "node:assert/strict";
import { test } from "node:test";
import { aTemplate } from "../testing/a-template.ts";
import { planObjects } from "./plan-objects.ts";

const object = (name: string, more: object = {}, metadata: object = {}): object => ({
  name,
  template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data: {} },
  ...more,
});
const plan = (objects: readonly object[]) =>
  planObjects(aTemplate({ objects, namespaces: [{ name: "data" }] }).spec, { name: "w1", namespaces: ["data"] });

test("orders objects by after and by the outputs that they use", () => {
  const uses = {
    name: "uses",
    template: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "x" },
      stringData: { a: "$(lower(outputs.gives.ip))" },
    },
  };
  const planned = plan([uses, object("last", { after: ["uses"] }), object("gives", { outputs: { ip: "status.ip" } })]);
  assert.deepEqual(
    planned.map(({ name, after }) => [name, after]),
    [
      ["gives", []],
      ["uses", ["gives"]],
      ["last", ["uses"]],
    ],
  );
});

test("tells namespace and stage of each", () => {
  const planned = plan([
    object("here"),
    object("there", {}, { namespace: "$(namespaces.data)" }),
    object("named", {}, { name: "x-$(session.name)", namespace: "$(session.namespace)" }),
  ]);
  assert.deepEqual(
    planned.map(({ namespace, stage, kind }) => [namespace, stage, kind]),
    [
      ["w1", "build", "ConfigMap"],
      ["w1-data", "build", "ConfigMap"],
      ["w1", "claim", "ConfigMap"],
    ],
  );
});

test("refuses cycles, unknown objects and namespaces of others", () => {
  assert.throws(() => plan([object("a", { after: ["b"] }), object("b", { after: ["a"] })]), /a after b after a/);
  assert.throws(() => plan([object("a", { after: ["c"] })]), /after c, which does not exist/);
  assert.throws(() => plan([object("a", {}, { namespace: "$(namespaces.other)" })]), /no variable namespaces.other/);
});
