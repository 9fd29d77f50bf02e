import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { ensureProgram } from "@carrel/cluster";
import { natsUsers } from "@carrel/testkit";

const execute = promisify(execFile);
const CHART = path.resolve(import.meta.dirname, "../../deploy/chart");
const TENANTS = ["acme", "globex"];
let helm: string;
let directory: string;
before(async () => {
  helm = await ensureProgram("helm");
  directory = await mkdtemp(path.join(tmpdir(), "carrel-nats-chart-"));
});
after(() => rm(directory, { recursive: true }));

/** The nats.conf that the chart installs. */
async function renderConfig(...set: string[]): Promise<string> {
  const args = [
    "template",
    "carrel",
    CHART,
    "--show-only",
    "templates/nats.yaml",
    "--set",
    `tenants={${TENANTS.join()}}`,
  ];
  const { stdout } = await execute(helm, [...args, ...set.flatMap((one) => ["--set", one])]);
  const block = /\n {2}nats\.conf: \|\n((?: {4}.*\n|\n)+)/.exec(stdout)?.[1];
  assert.ok(block, stdout);
  return block.replaceAll(/^ {4}/gm, "");
}

test("the chart's users may do what the tests' users may, and nothing else", async () => {
  const config = await renderConfig();
  const users = [...config.matchAll(/user: "?([a-z]+)"?, password: "([A-Za-z0-9]{40})"\s+permissions: (\{.*\})/g)];
  const given = Object.fromEntries(users.map(([, user, , permissions]) => [user, JSON.parse(permissions ?? "")]));
  const wanted = natsUsers(TENANTS).map(({ user, permissions: { allowResponses, ...rest } }) => [
    user,
    { ...rest, ...(allowResponses === undefined ? {} : { allow_responses: allowResponses }) },
  ]);
  assert.deepEqual(given, Object.fromEntries(wanted));
  assert.equal(config.match(/user:/g)?.length, users.length);
});

for (const set of ["nats.jetstream.enabled=true", "nats.jetstream.enabled=false"]) {
  test(`nats-server takes the chart's configuration with ${set}`, async () => {
    const config = await renderConfig(set);
    assert.equal(config.includes("jetstream {"), set.endsWith("true"));
    const file = path.join(directory, "nats.conf");
    await writeFile(file, config.replace("/var/lib/nats", directory));
    await execute(await ensureProgram("nats-server"), ["-t", "-c", file]);
  });
}
