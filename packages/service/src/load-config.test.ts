import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { hasCode } from "@carrel/std";
import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { describeConfig } from "./config-fields.ts";
import { loadConfig } from "./load-config.ts";
import { withProcessConfig } from "./process-config.ts";

const schema = z.object({
  nats: z.object({
    servers: z.array(z.url()).min(1).describe("Where NATS is."),
    maxInFlight: z.int().min(1).max(1000).default(64),
    passwordFile: z.string().optional(),
  }),
  domain: z.string().min(1),
  dryRun: z.boolean().default(false),
  labels: z.record(z.string(), z.string()).default({}),
  limits: z.object({ low: z.int(), high: z.int() }).default({ low: 1, high: 9 }),
  mode: z.enum(["fast", "safe"]).default("safe"),
});
const REQUIRED = { CARREL_NATS_SERVERS: "nats://a:4222, nats://b:4222", CARREL_DOMAIN: "example.org" };

function fileWith(t: TestContext, name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "carrel-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function problemsOf(env: Record<string, string>, file?: string): Record<string, string> {
  try {
    loadConfig(schema, { env, ...(file === undefined ? {} : { file }) });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
  return assert.fail("the configuration was accepted");
}

test("environment over file over defaults, each with its own type", (t) => {
  const file = fileWith(t, "config.yaml", "domain: file.example\nmode: fast\nnats: { maxInFlight: 7 }\n");
  const env = {
    ...REQUIRED,
    CARREL_CONFIG: file,
    CARREL_DRY_RUN: "true",
    CARREL_LABELS: '{"a":"b"}',
    CARREL_LIMITS_HIGH: "5",
  };
  assert.deepEqual(loadConfig(schema, { env }), {
    nats: { servers: ["nats://a:4222", "nats://b:4222"], maxInFlight: 7 },
    domain: "example.org",
    dryRun: true,
    labels: { a: "b" },
    limits: { low: 1, high: 5 },
    mode: "fast",
  });
});

test("an object whose keys all have defaults need not be written", () => {
  const nested = z.object({ outer: z.object({ inner: z.object({ size: z.int().default(3) }) }) });
  assert.deepEqual(loadConfig(nested, { env: {} }), { outer: { inner: { size: 3 } } });
});

test("JSON files, and nothing to read in an empty one", (t) => {
  const json = fileWith(t, "config.json", '{"domain":"d","nats":{"servers":["nats://x"]}}');
  assert.equal(loadConfig(schema, { env: {}, file: json }).domain, "d");
  assert.equal(
    loadConfig(schema, { env: REQUIRED, file: fileWith(t, "empty.yaml", "# nothing\n") }).domain,
    "example.org",
  );
});

test("every bad key is reported at once, with what is allowed", (t) => {
  const file = fileWith(t, "config.yaml", "nats: { maxinflight: 3 }\nextra: 1\n");
  const problems = problemsOf(
    {
      CARREL_NATS_MAX_IN_FLIGHT: "5000",
      CARREL_MODE: "slow",
      CARREL_DRY_RUN: "yes",
      CARREL_NATS_SERVERS: "nats://a,nope",
      CARREL_TYPO: "1",
    },
    file,
  );
  assert.deepEqual(Object.keys(problems).toSorted(), [
    "CARREL_TYPO",
    "domain",
    "dryRun",
    "extra",
    "mode",
    "nats.maxInFlight",
    "nats.maxinflight",
    "nats.servers.1",
  ]);
  assert.match(problems["mode"] ?? "", /is "slow"; allowed: one of fast, safe/);
  assert.match(problems["nats.maxInFlight"] ?? "", /is 5000; allowed: integer ≥ 1 ≤ 1000/);
  assert.match(problems["domain"] ?? "", /missing/);
  assert.match(problems["nats.maxinflight"] ?? "", /known here: servers, maxInFlight, passwordFile/);
  assert.match(problems["nats.servers.1"] ?? "", /allowed: list of URL/);
});

test("numbers are never guessed: empty and half numeric texts are refused", () => {
  for (const text of ["", " ", "1x", "1e999", "0x"]) {
    assert.ok("nats.maxInFlight" in problemsOf({ ...REQUIRED, CARREL_NATS_MAX_IN_FLIGHT: text }), JSON.stringify(text));
  }
});

test("an unreadable or broken file is one problem among the others", (t) => {
  assert.match(problemsOf({}, "/nonexistent/config.yaml")["CARREL_CONFIG"] ?? "", /ENOENT/);
  assert.match(problemsOf(REQUIRED, fileWith(t, "bad.yaml", "a: [1"))["CARREL_CONFIG"] ?? "", /cannot read/);
  assert.match(problemsOf(REQUIRED, fileWith(t, "list.yaml", "- 1"))["CARREL_CONFIG"] ?? "", /must hold a map/);
});

test("variables that Kubernetes adds for a Service called carrel-… are not ours", () => {
  const links = {
    CARREL_PROXY_SERVICE_HOST: "10.0.0.1",
    CARREL_PROXY_SERVICE_PORT: "80",
    CARREL_PROXY_SERVICE_PORT_HTTP: "80",
    CARREL_PROXY_PORT: "tcp://10.0.0.1:80",
    CARREL_PROXY_PORT_80_TCP: "tcp://10.0.0.1:80",
    CARREL_PROXY_PORT_80_TCP_ADDR: "10.0.0.1",
  };
  assert.equal(loadConfig(schema, { env: { ...REQUIRED, ...links } }).domain, "example.org");
});

test("the result is frozen all the way down", () => {
  const config = loadConfig(schema, { env: REQUIRED });
  assert.throws(() => void config.nats.servers.push("nats://c"), TypeError);
  assert.throws(() => void ((config.nats as { maxInFlight: number }).maxInFlight = 1), TypeError);
});

test("a key that would hold a secret is a mistake of the schema", () => {
  for (const key of ["password", "natsPassword", "adminToken", "apiKey", "secret", "credentials"]) {
    const bad = z.object({ [key]: z.string().default("x") });
    assert.throws(
      () => loadConfig(bad, { env: {} }),
      (error) => hasCode(error, "INVALID_SCHEMA"),
      key,
    );
  }
  assert.doesNotThrow(() =>
    loadConfig(z.object({ passwordFile: z.string().default("x"), tokenTtlMs: z.int().default(1) }), { env: {} }),
  );
});

test("the reference rows tell key, variable, type, default and description", () => {
  const rows = describeConfig(withProcessConfig(schema));
  assert.deepEqual(rows[0], {
    key: "nats.servers",
    env: "CARREL_NATS_SERVERS",
    type: "list of URL",
    required: true,
    doc: "Where NATS is.",
  });
  assert.deepEqual(
    rows.find(({ key }) => key === "limits.high"),
    {
      key: "limits.high",
      env: "CARREL_LIMITS_HIGH",
      type: "integer",
      required: false,
      default: 9,
      doc: "",
    },
  );
  assert.equal(rows.find(({ key }) => key === "probesPort")?.default, 8081);
  for (const row of rows) assert.match(row.env, /^CARREL_[A-Z0-9_]+$/);
});
