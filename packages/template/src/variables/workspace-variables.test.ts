import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "@carrel/api";
import { aTemplate } from "../testing/a-template.ts";
import { generateSecrets } from "../generate/generate-secrets.ts";
import { generatedVariables } from "../generate/generated-variables.ts";
import { claimVariables } from "./claim-variables.ts";
import { VARIABLES, variableRow } from "./variable-table.ts";
import { workspaceVariables } from "./workspace-variables.ts";

const { spec } = aTemplate({
  namespaces: [{ name: "data" }],
  generate: [
    { name: "key", type: "sshKey" },
    { name: "pass", type: "password" },
  ],
  endpoints: [
    { name: "main", port: 1 },
    { name: "docs", port: 2 },
  ],
  workspace: { template: { spec: { containers: [{ name: "main", image: "$(values.registry)/desk:1" }] } } },
});
const cluster = {
  ingress: { domain: "example.com", scheme: "https", port: 8443 },
  clusterDomain: "cluster.local",
  values: { registry: "registry.example.com" },
} as const;
const built = workspaceVariables({
  workspace: { name: "w1", uid: "u1" },
  template: { name: "lesson", generation: 3, spec },
  cluster,
});
const session = {
  metadata: { name: "s1", uid: "u2" },
  spec: { tenant: "acme", user: { id: "7", claims: { course: "k8s" } }, parameters: { seats: "2" } },
} as unknown as Session;
const claimed = claimVariables(session, spec, {
  endpoint: (name, endpoint) => ({
    host: `${endpoint}--${name}.example.com`,
    url: `https://${endpoint}--${name}.example.com/`,
  }),
});
const all = { ...built, ...claimed, ...generatedVariables(generateSecrets(spec.generate)) };

test("what is promised for each stage is there, and nothing that is not promised", () => {
  const rows = (names: readonly string[]) => new Set(names.map((name) => variableRow(name)?.name ?? `unknown ${name}`));
  const promised = (stage: string, without: RegExp) =>
    new Set(VARIABLES.filter((row) => row.stage === stage && !without.test(row.name)).map(({ name }) => name));
  assert.deepEqual(
    rows(Object.keys({ ...built, ...generatedVariables(generateSecrets(spec.generate)) })),
    promised("build", /^outputs/),
  );
  assert.deepEqual(rows(Object.keys(claimed)), promised("claim", /^$/));
});

test("values", () => {
  assert.equal(all["namespaces.data"], "w1-data");
  assert.equal(all["namespaces.primary"], "w1");
  assert.equal(all["workspace.image"], "registry.example.com/desk:1");
  assert.equal(all["ingress.portSuffix"], ":8443");
  assert.equal(all["cluster.storageClass"], "");
  assert.equal(all["endpoints.docs.host"], "docs--s1.example.com");
  assert.equal(all["user.name"], "");
  assert.equal(all["user.claims.course"], "k8s");
  assert.equal(all["generated.key.secret"], "generated");
});

test("an image that is known only at claim gives no variable", () => {
  const late = aTemplate({
    workspace: { template: { spec: { containers: [{ name: "main", image: "$(parameters.image)" }] } } },
  });
  const variables = workspaceVariables({
    workspace: { name: "w1" },
    template: { name: "l", generation: 1, spec: late.spec },
    cluster,
  });
  assert.ok(!("workspace.image" in variables) && !("workspace.uid" in variables));
});
