import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionTemplateSpecSchema } from "@carrel/api";
import { z } from "zod";
import { aTemplate } from "../testing/a-template.ts";
import { rule } from "../testing/lint-cases.ts";
import { schemaProblems } from "./schema-rules.ts";

/** Each breaks one or two rules of the schema. */
const BROKEN: readonly object[] = [
  { lifetime: { duration: "2h", max: "1h", startDeadline: "90m", idle: "59s" } },
  { parameters: [{ name: "a", required: true, secret: true, default: "x" }] },
  {
    generate: [
      { name: "a", type: "pattern" },
      { name: "b", type: "hex", pattern: "a", alphabet: "abcdefgh" },
    ],
  },
  { rules: [rule("", "*", "bind")] },
  { clusterRules: [rule("*", "pods", "get")], namespaces: [{ name: "a", rules: [rule("", "pods", "impersonate")] }] },
  {
    objects: [
      {
        name: "a",
        template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
        waitFor: { value: "x" },
      },
    ],
  },
  {
    endpoints: [
      {
        name: "other",
        port: 1,
        tls: {},
        access: "public",
        headers: [{ name: "x", serviceAccountToken: true, value: "y" }],
      },
    ],
  },
  { budget: "custom", quota: { pods: "1", "limits.cpu": "1" } },
  { pool: { size: 1, minReady: 2 } },
];

/** What no template that passes the rest of the schema can break. */
const UNREACHABLE = ["must not contain --: it separates the endpoint from the session in the host name"];

test("every rule of the schema is known here, by its message", () => {
  const messages = new Set<string>();
  const collect = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key !== "x-kubernetes-validations") collect(value);
      else for (const { message } of value as { message: string }[]) messages.add(message);
    }
  };
  collect(z.toJSONSchema(sessionTemplateSpecSchema, { io: "input" }));
  assert.ok(messages.size > 15);
  const told = new Set(
    BROKEN.flatMap((fields) => schemaProblems(aTemplate({ ...fields }).spec)).map(({ message }) => message),
  );
  assert.deepEqual([...messages].filter((message) => !UNREACHABLE.includes(message)).sort(), [...told].sort());
});

test("a good template breaks none", () => assert.deepEqual(schemaProblems(aTemplate().spec), []));
