import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { PolicyProfileSpec } from "@carrel/api";
import fc from "fast-check";
import { budgetOf } from "../budget/budgets.ts";
import { formatAmounts } from "../budget/amounts.ts";
import { ceiling, desk, env, lint, object, rbac, rule } from "../testing/lint-cases.ts";

test("each rule of the checks is shown by a case", () => {
  const read = (folder: string, wanted: (file: string) => boolean): string =>
    readdirSync(new URL(folder, import.meta.url))
      .filter(wanted)
      .map((file) => readFileSync(new URL(`${folder}${file}`, import.meta.url), "utf8"))
      .join("\n");
  const checks = read("checks/", () => true);
  const cases = read("./", (file) => file.endsWith(".test.ts"));
  const rules = new Set([...checks.matchAll(/(?:(?:errorAt|warningAt)\(|rule:)\s*"([a-z-]+)"/g)].map(([, id]) => id));
  assert.ok(rules.size > 30);
  assert.deepEqual(
    [...rules].filter((id) => !cases.includes(`"${id}"`)),
    [],
  );
});

/** A template that uses everything, as it should be used. */
const EVERYTHING = {
  parameters: [
    { name: "seats", type: "int", minimum: 1, maximum: 9, default: "3" },
    { name: "course", enum: ["a", "b"], default: "a" },
    { name: "token", secret: true, required: true },
    { name: "withDatabase", type: "bool", default: "false" },
  ],
  generate: [
    { name: "key", type: "sshKey" },
    { name: "password", type: "password" },
    { name: "code", type: "pattern", pattern: "[A-Z0-9]{8}" },
  ],
  role: "admin",
  rules: [rule("", "secrets", "get", "list")],
  budget: "large",
  quota: { "count/widgets.example.com": "3", "requests.cpu": "2" },
  namespaces: [{ name: "data", role: "view", share: 25 }],
  workspace: env("$(default(values.greeting, 'hello')) $(session.namespace) $$(HOME) $(outputs.service.ip)"),
  objects: [
    object(
      { kind: "Service", metadata: { name: "db", namespace: "$(namespaces.data)" }, spec: { ports: [{ port: 1 }] } },
      { name: "service", outputs: { ip: "spec.clusterIP" } },
    ),
    object(
      {
        kind: "Secret",
        metadata: { name: "given" },
        stringData: { token: "$(parameters.token)", all: "$(user.claims.team) $(generated.key.private)" },
      },
      { name: "secret" },
    ),
    object(
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web-$(template.name)" },
        spec: {
          replicas: "$(parameters.seats)",
          template: { spec: { containers: [{ env: [{ name: "A", value: "$(string(parameters.seats))" }] }] } },
        },
      },
      { name: "web", after: ["service"], when: "$(parameters.withDatabase)", waitFor: { condition: "Available" } },
    ),
    rbac("Role", { rules: [rule("", "pods", "get")] }),
    object(
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        roleRef: { kind: "Role", name: "one" },
        subjects: [{ kind: "ServiceAccount", name: "web", namespace: "$(session.namespace)" }],
      },
      { name: "binding" },
    ),
  ],
  secrets: [{ from: { namespace: "a", name: "pull" }, namespaces: ["primary", "data"] }],
  endpoints: [
    { name: "main", port: 8080 },
    { name: "main", port: 8081, path: "/api" },
    { name: "database", port: 1, service: { name: "db", namespace: "data" } },
  ],
  links: [{ title: "Docs", url: "https://docs.example.com/$(parameters.course)?s=$(session.name)" }],
  pool: { size: 2, schedule: [{ from: "22:00", to: "06:00", timeZone: "Europe/Berlin", size: 0 }] },
};

test("a good template has no problem, with everything in it", () => {
  assert.deepEqual(lint({}), []);
  assert.deepEqual(lint(EVERYTHING), []);
});

test("a spare's pod may mount what is there already, and optionally what comes with its user", () => {
  const late = object({ kind: "Secret", stringData: { a: "$(user.id)" } });
  const early = object({ kind: "Secret", metadata: { name: "early" } }, { name: "early" });
  const elsewhere = object(
    { metadata: { name: "x", namespace: "$(namespaces.data)" }, data: { a: "$(user.id)" } },
    { name: "x" },
  );
  const volumes = [
    { name: "a", secret: { secretName: "one", optional: true } },
    { name: "b", secret: { secretName: "early" } },
    { name: "c", projected: { sources: [{ configMap: { name: "x" } }, { secret: { name: "one", optional: true } }] } },
  ];
  const fields = { namespaces: [{ name: "data" }], objects: [late, early, elsewhere], workspace: desk({ volumes }) };
  assert.deepEqual(lint({ ...fields, pool: { size: 1 } }), []);
  const waits = { ...fields, workspace: desk({ volumes: [{ name: "a", secret: { secretName: "one" } }] }) };
  assert.deepEqual(lint(waits), []);
});

test("whatever stands where no schema says what may, is judged and breaks nothing", () => {
  const any = fc.jsonValue({ maxDepth: 3 });
  const kind = fc.constantFrom("Role", "RoleBinding", "ClusterRole", "ConfigMap", "Secret", "Service");
  const metadata = fc.dictionary(fc.constantFrom("name", "namespace", "labels", "annotations", "finalizers"), any);
  const manifest = fc.record({ kind, metadata, rules: any, subjects: any, roleRef: any, data: any, stringData: any });
  const pod = fc.record({ ports: any, env: any, envFrom: any, imagePullPolicy: any });
  fc.assert(
    fc.property(manifest, pod, fc.array(any, { maxLength: 2 }), (template, container, egress) => {
      const apiVersion = template.kind.includes("Role") ? "rbac.authorization.k8s.io/v1" : "v1";
      const problems = lint({
        objects: [{ name: "one", template: { apiVersion, ...template } }],
        workspace: desk({ volumes: container.env, containers: [{ ...container, name: "a", image: "i" }] }),
        pool: { size: 1 },
        network: { egress: egress.map((value) => ({ to: value })) },
      });
      assert.ok(Array.isArray(problems));
    }),
    { numRuns: 2_000 },
  );
});

test("a template full of mistakes gets a list that ends", () => {
  const links = Array.from({ length: 16 }, () => ({ title: "x", url: "$(a)$(b)$(c)$(d)$(e)$(f)$(g)$(h)" }));
  assert.equal(lint({ links }).length, 100);
});

test("operators may allow more: each ceiling must", () => {
  const template = {
    budget: "unlimited",
    quota: { "requests.nvidia.com/gpu": "2", "limits.cpu": "100" },
    rules: [rule("example.com", "widgets", "get", "create")],
    clusterRules: [{ ...rule("", "nodes", "get"), resourceNames: ["n1"] }],
    objects: [
      object({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "x-$(workspace.name)" } }),
    ],
  };
  const wide = ceiling({
    maxBudget: "unlimited",
    maxQuota: { "requests.nvidia.com/gpu": "4" },
    maxRules: [rule("example.com", "widgets", "get", "create", "delete")],
    maxClusterRules: [rule("", "nodes", "get", "list")],
    clusterObjects: [{ group: "scheduling.k8s.io", kinds: ["PriorityClass"] }],
  });
  assert.deepEqual(lint(template, { ceilings: [wide] }), []);
  const rules = lint(template, { ceilings: [wide, ceiling()] }).map(({ rule: id }) => id);
  assert.deepEqual(
    new Set(rules),
    new Set([
      "budget-above-ceiling",
      "quota-above-ceiling",
      "rule-above-ceiling",
      "cluster-rule-above-ceiling",
      "cluster-object",
    ]),
  );
});

test("a ceiling bounds as the defaults do where it says nothing", () => {
  const bare = { ceiling: true } as PolicyProfileSpec;
  assert.deepEqual(lint({ budget: "large" }, { ceilings: [bare] }), []);
  assert.equal(lint({ budget: "unlimited" }, { ceilings: [bare] })[0]?.rule, "budget-above-ceiling");
});

test("a right to all objects is not covered by one to some", () => {
  const ceilings = [ceiling({ maxRules: [{ ...rule("example.com", "widgets", "get"), resourceNames: ["a"] }] })];
  assert.deepEqual(
    lint({ rules: [{ ...rule("example.com", "widgets", "get"), resourceNames: ["a"] }] }, { ceilings }),
    [],
  );
  assert.equal(lint({ rules: [rule("example.com", "widgets", "get")] }, { ceilings }).length, 1);
  assert.equal(
    lint({ rules: [{ ...rule("example.com", "widgets", "get"), resourceNames: ["a", "b"] }] }, { ceilings }).length,
    1,
  );
});

test("the greatest role bounds roles, and what rules may repeat", () => {
  const ceilings = [ceiling({ maxRole: "view" })];
  const found = lint(
    { namespaces: [{ name: "a", role: "admin" }], rules: [rule("", "secrets", "get"), rule("", "pods", "list")] },
    { ceilings },
  );
  assert.deepEqual(
    found.map(({ rule: id, path }) => [id, path]),
    [
      ["role-above-ceiling", "spec.role"],
      ["rule-above-ceiling", "spec.rules[0]"],
      ["role-above-ceiling", "spec.namespaces[0].role"],
    ],
  );
});

test("objects that belong to no namespace are named after the workspace", () => {
  const ceilings = [ceiling({ clusterObjects: [{ group: "example.com", kinds: ["Zone"] }] })];
  const zone = (metadata: object) => ({ objects: [object({ apiVersion: "example.com/v1", kind: "Zone", metadata })] });
  assert.deepEqual(lint(zone({ name: "$(workspace.name)-zone" }), { ceilings }), []);
  const [named] = lint(zone({ name: "zone-$(session.namespace)" }), { ceilings });
  assert.equal(named?.rule, "cluster-object-name");
  const [placed] = lint(zone({ name: "$(workspace.name)", namespace: "$(session.namespace)" }), { ceilings });
  assert.equal(placed?.path, "spec.objects[0].template.metadata.namespace");
  // What the API server says about a kind wins.
  const kinds = new Map([["example.com/v1/Zone", { namespaced: false }]]);
  assert.equal(lint(zone({ name: "zone" }), { kinds })[0]?.rule, "cluster-object");
  assert.deepEqual(lint(zone({ name: "zone" })), []);
});

test("a binding cannot name a ClusterRole of others by a name that only seems to hold the workspace's", () => {
  const group = "rbac.authorization.k8s.io";
  const ceilings = [ceiling({ clusterObjects: [{ group, kinds: ["ClusterRole"] }] })];
  const name = '$(default("cluster-admin", workspace.name))';
  const binding = {
    apiVersion: `${group}/v1`,
    kind: "RoleBinding",
    metadata: { name: "b" },
    roleRef: { apiGroup: group, kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: "learner", namespace: "$(session.namespace)" }],
  };
  const decoy = object({ apiVersion: `${group}/v1`, kind: "ClusterRole", metadata: { name } }, { when: "false" });
  const problems = lint({ objects: [decoy, object(binding, { name: "two" })] }, { ceilings });
  assert.deepEqual(
    problems.map(({ rule: id, path }) => [id, path]),
    [["cluster-object-name", "spec.objects[0].template.metadata.name"]],
  );
});

test("a ClusterRole of a template adds nothing to the roles of others", () => {
  const group = "rbac.authorization.k8s.io";
  const nodes = rule("", "nodes", "get");
  const ceilings = [ceiling({ clusterObjects: [{ group, kinds: ["ClusterRole"] }], maxClusterRules: [nodes] })];
  const role = (labels: object) =>
    object({
      apiVersion: `${group}/v1`,
      kind: "ClusterRole",
      metadata: { name: "$(workspace.name)", labels },
      rules: [nodes],
    });
  assert.deepEqual(lint({ objects: [role({ app: "x" })] }, { ceilings }), []);
  assert.deepEqual(
    lint({ objects: [role({ [`${group}/aggregate-to-view`]: "true" })] }, { ceilings }).map(({ path }) => path),
    [`spec.objects[0].template.metadata.labels["${group}/aggregate-to-view"]`],
  );
});

test("profiles and constants are looked for where they are known", () => {
  const fields = { policy: { profile: "lax" }, workspace: env("$(values.mirror)") };
  assert.deepEqual(lint(fields), []);
  const found = lint(fields, { profiles: new Map([["strict", ceiling()]]), values: ["mirrors"] });
  assert.deepEqual(
    found.map(({ rule: id, message }) => [id, message]),
    [
      ["unknown-variable", "there is no variable values.mirror; did you mean values.mirrors?"],
      ["unknown-profile", "there is no PolicyProfile lax; there are strict"],
    ],
  );
});

test("a profile looser than a ceiling is refused, wherever it is named", () => {
  const level = (name: string): object => ({ podSecurity: { level: name } });
  const [restricted, baseline, privileged] = ["restricted", "baseline", "privileged"].map((name) =>
    ceiling(level(name)),
  );
  assert.ok(restricted && baseline && privileged);
  const profiles = new Map([
    ["loose", privileged],
    ["middle", baseline],
  ]);
  const fields = { policy: { profile: "middle" }, namespaces: [{ name: "engine", policy: { profile: "loose" } }] };
  const found = (...ceilings: PolicyProfileSpec[]): readonly (readonly string[])[] =>
    lint(fields, { ceilings, profiles }).map(({ rule: id, path, message }) => [id, path, message]);
  assert.deepEqual(found(), [], "without a ceiling nothing is looser than it");
  assert.deepEqual(found(privileged), []);
  const [problem, ...more] = found(privileged, baseline);
  assert.deepEqual(problem?.slice(0, 2), ["profile-above-ceiling", "spec.namespaces[0].policy.profile"]);
  assert.match(problem?.[2] ?? "", /loose has the Pod Security level privileged.*at most baseline/);
  assert.deepEqual(more, []);
  // A ceiling that does not say is as strict as a profile that does not say.
  assert.deepEqual(
    found({ ceiling: true } as PolicyProfileSpec).map(([id, path]) => [id, path]),
    [
      ["profile-above-ceiling", "spec.policy.profile"],
      ["profile-above-ceiling", "spec.namespaces[0].policy.profile"],
    ],
  );
  assert.equal(found(restricted).length, 2);
});

test("a custom budget is no way around the ceiling for what its quota does not name", () => {
  const small = { ceilings: [ceiling({ maxBudget: "small" })] };
  const quota = { "limits.cpu": "1", "limits.memory": "1Gi", pods: "5" };
  const [problem] = lint({ budget: "custom", quota }, small);
  assert.deepEqual([problem?.rule, problem?.path], ["quota-above-ceiling", "spec.quota"]);
  assert.match(problem?.message ?? "", /requests\.storage/);
  assert.doesNotMatch(problem?.message ?? "", /requests\.cpu/);
  assert.deepEqual(lint({ budget: "custom", quota }, { ceilings: [ceiling({ maxBudget: "xxx-large" })] }), []);
  const { hard } = budgetOf({ budget: "small", quota: {} });
  assert.deepEqual(lint({ budget: "custom", quota: formatAmounts(hard) }, small), []);
});

test("the workspace pod is as large as a ceiling allows, and has the devices that it grants", () => {
  const withResources = (resources: object, more: object = {}): object => ({
    workspace: desk({ containers: [{ name: "main", image: "i", resources }], ...more }),
  });
  const rules = (fields: object, ...ceilings: PolicyProfileSpec[]): string[] =>
    lint(fields, { ceilings }).map(({ rule: id, message }) => `${id} ${message}`);
  const huge = withResources({ limits: { cpu: 64, memory: "512Gi" } });
  assert.match(rules(huge, ceiling({ maxBudget: "small" })).join(), /desk-above-ceiling .*64 of cpu.*512Gi of memory/);
  assert.match(rules(huge).join(), /desk-above-ceiling/, "the built-in ceiling bounds it too");
  assert.deepEqual(rules(huge, ceiling({ maxBudget: "unlimited" })), []);
  // Containers that run together count together, init containers one by one.
  const half = { requests: { cpu: "600m" } };
  const two = { containers: [half, half].map((resources, index) => ({ name: `c${index}`, image: "i", resources })) };
  assert.match(rules({ workspace: desk(two) }, ceiling({ maxBudget: "small" })).join(), /takes 1200m of cpu/);
  const init = { initContainers: [{ name: "i", image: "i", resources: half }] };
  assert.deepEqual(rules(withResources(half, init), ceiling({ maxBudget: "small" })), []);

  const device = withResources({ limits: { "nvidia.com/gpu": 1 } });
  assert.match(rules(device, ceiling()).join(), /takes 1 of nvidia\.com\/gpu, and a ceiling profile allows 0/);
  assert.deepEqual(rules(device, ceiling({ maxQuota: { "requests.nvidia.com/gpu": "1" } })), []);

  const given = withResources({ limits: { cpu: "$(parameters.cpu)" } });
  assert.match(rules({ ...given, parameters: [{ name: "cpu" }] }).join(), /desk-amount /);
  assert.deepEqual(lint(withResources({ limits: { cpu: "$(values.cpu)" } }), { ceilings: [] }), []);
});
