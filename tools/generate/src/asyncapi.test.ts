import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { ERROR_CODES, SESSION_EVENTS, SESSION_OPERATIONS, subjects } from "@carrel/api";
import { Ajv, type AnySchema } from "ajv";
import { parse } from "yaml";
import { asyncApiDocument, generateAsyncApi } from "./asyncapi.ts";
import {
  generateJsonSchemas,
  MESSAGE_SCHEMAS,
  messageSchemas,
  type Json,
  type MessageSchemaName,
} from "./json-schemas.ts";

const document = asyncApiDocument();
const session = {
  name: "sabcdefghijklmnopqrst",
  tenant: "acme",
  template: "lab",
  user: { id: "ada" },
  state: "ready",
  phase: "Ready",
  createdAt: "2030-01-01T00:00:00.000Z",
  expiresAt: "2030-01-01T01:00:00.000Z",
  deadlineAt: "2030-01-01T02:00:00.000Z",
};
const error = { code: "QUOTA", message: "no more", retryable: false };

/** A JSON pointer's target. */
function resolve(pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (node, step) => (node as Json | undefined)?.[step.replaceAll("~1", "/").replaceAll("~0", "~")],
      document,
    );
}

function references(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(references);
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => (key === "$ref" ? [String(value)] : references(value)));
}

test("it is a valid AsyncAPI 3.0.0 document", () => {
  const schema = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0-without-$id.json") as AnySchema;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(schema);
  assert.ok(validate(document), JSON.stringify(validate.errors, undefined, 2));
  // The validator does refuse what is none.
  assert.equal(validate({ ...document, operations: { create: { action: "answer" } } }), false);
  assert.equal(validate({ ...document, channels: { create: { adress: "x" } } }), false);
});

test("the file is the document", () => {
  const [file] = generateAsyncApi();
  assert.deepEqual(parse(file?.content ?? ""), JSON.parse(JSON.stringify(document)));
});

test("every reference leads somewhere, and every component is referred to", () => {
  const all = new Set(references(document));
  for (const pointer of all) assert.notEqual(resolve(pointer.slice(1)), undefined, pointer);
  for (const [section, parts] of Object.entries(document["components"] as Record<string, Json>)) {
    for (const name of Object.keys(parts)) assert.ok(all.has(`#/components/${section}/${name}`), `${section}/${name}`);
  }
});

test("it names every operation and event on the subjects that Carrel uses, and every error code", () => {
  const channels = document["channels"] as Record<string, { address: string | null }>;
  for (const operation of SESSION_OPERATIONS) {
    assert.equal(channels[operation]?.address, subjects.request("{tenant}", operation));
    assert.ok(resolve(`/operations/${operation}/reply`), operation);
  }
  assert.equal(channels["createAsync"]?.address, subjects.asyncCreate("{tenant}"));
  assert.deepEqual(resolve("/components/parameters/event/enum"), Object.keys(SESSION_EVENTS));
  assert.deepEqual(resolve("/components/schemas/ErrorView/properties/code/enum"), Object.keys(ERROR_CODES));
  assert.deepEqual(document["x-error-codes"], ERROR_CODES);
  const used = Object.values(document["operations"] as Record<string, { channel: { $ref: string } }>);
  const reached = new Set(references(used).map((pointer) => pointer.split("/")[2]));
  assert.deepEqual(
    Object.keys(channels).filter((name) => !reached.has(name)),
    [],
  );
});

/** Bodies that must pass, and bodies that must not. */
const bodies: Partial<Record<MessageSchemaName, { good: object[]; bad: object[] }>> = {
  CreateRequest: {
    good: [{ template: "lab", user: { id: "ada" } }],
    bad: [
      {},
      { template: "lab", user: { id: "ada" }, tempalte: "x" },
      { template: "Not A Label", user: { id: "ada" } },
    ],
  },
  GetRequest: { good: [{ session: session.name }], bad: [{ session: "../etc" }, {}] },
  SessionReply: {
    good: [
      { ok: true, requestId: "r", session },
      { ok: true, requestId: "r", session, addedLater: 1 },
    ],
    bad: [
      { ok: false, requestId: "r", session },
      { ok: true, requestId: "r" },
    ],
  },
  ErrorReply: {
    good: [{ ok: false, requestId: "r", error }],
    bad: [{ ok: false, requestId: "r", error: { ...error, code: "OOPS" } }],
  },
  SessionEvent: {
    good: [{ type: "ready", at: session.createdAt, session }],
    bad: [{ type: "exploded", at: session.createdAt, session }],
  },
};

test("the JSON Schemas take what the services take, and refuse what they refuse", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const files = generateJsonSchemas().map(
    ({ content }) => JSON.parse(content) as Json & { $id: string; title: string },
  );
  for (const schema of files) ajv.addSchema(schema);
  for (const [name, { good, bad }] of Object.entries(bodies)) {
    const id = files.find(({ title }) => title === name)?.$id ?? "";
    const validate = ajv.getSchema(id);
    assert.ok(validate, name);
    const [schema] = MESSAGE_SCHEMAS[name as MessageSchemaName];
    for (const body of good) assert.deepEqual([validate(body), schema.safeParse(body).success], [true, true], name);
    for (const body of bad) assert.deepEqual([validate(body), schema.safeParse(body).success], [false, false], name);
  }
});

test("the examples are valid", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const schemas = messageSchemas((name) => name);
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  const messages = resolve("/components/messages") as Record<string, Json & { payload: { $ref: string } }>;
  let seen = 0;
  for (const { payload, examples = [] } of Object.values(messages)) {
    for (const example of examples as { payload: object }[]) {
      seen += 1;
      assert.ok(ajv.validate(payload.$ref.split("/").at(-1) ?? "", example.payload), JSON.stringify(ajv.errors));
    }
  }
  assert.equal(seen, SESSION_OPERATIONS.length + 1);
});
