import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { aSessionTemplate, eventually } from "@carrel/testkit";
import { denied } from "../testing/api-objects.ts";
import type { ApiAnswer } from "../testing/caller.ts";
import { startWebhookEnvironment, type WebhookEnvironment } from "../testing/webhook-environment.ts";

const PATH = "/apis/carrel.dev/v1alpha1/sessiontemplates";
const PROFILES = "/apis/carrel.dev/v1alpha1/policyprofiles";
const HOOK = "templates.admission.carrel.dev";

const object = (template: object, more: object = {}): object => ({
  name: "one",
  template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" }, ...template },
  ...more,
});
const desk = (value: string): object => ({
  template: { spec: { containers: [{ name: "desk", image: "i", env: [{ name: "A", value }] }] } },
});
const widgets = { apiGroups: ["example.com"], resources: ["widgets"], verbs: ["get", "create"] };

const MISTAKES: readonly (readonly [string, object, RegExp])[] = [
  [
    "a misspelt variable",
    { workspace: desk("$(session.nmae)") },
    /^\[unknown-variable\] spec\.workspace\.template\.spec\.containers\[0\]\.env\[0\]\.value: there is no variable session\.nmae; did you mean session\.name\?/,
  ],
  [
    "an expression without end",
    { workspace: desk("$(lower(") },
    /^\[malformed-reference\] spec\.workspace\.template\.spec\.containers\[0\]\.env\[0\]\.value: /,
  ],
  [
    "a user's name in a spare",
    { workspace: desk("$(user.name)"), pool: { size: 1 } },
    /^\[claim-variable-in-pool\] spec\.workspace\.template/,
  ],
  [
    "a secret parameter in a ConfigMap",
    { parameters: [{ name: "token", secret: true }], objects: [object({ data: { a: "$(parameters.token)" } })] },
    /^\[secret-parameter\] spec\.objects\[0\]\.template\.data\.a: /,
  ],
  [
    "a default that does not pass",
    { parameters: [{ name: "n", type: "int", default: "x" }] },
    /^\[parameter-default\] spec\.parameters\[0\]\.default: /,
  ],
  [
    "a Namespace among the objects",
    { objects: [object({ kind: "Namespace" })] },
    /^\[object-kind\] spec\.objects\[0\]\.template\.kind: must not be Namespace; list it in spec\.namespaces/,
  ],
  [
    "an object of another namespace",
    { objects: [object({ metadata: { name: "a", namespace: "kube-system" } })] },
    /^\[object-namespace\] spec\.objects\[0\]\.template\.metadata\.namespace: /,
  ],
  [
    "a cluster-scoped object",
    { objects: [object({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" })] },
    /^\[cluster-object\] spec\.objects\[0\]\.template\.kind: ClusterRole\.rbac\.authorization\.k8s\.io belongs to no namespace/,
  ],
  [
    "objects that wait for each other",
    {
      objects: [object({}, { after: ["two"] }), object({ metadata: { name: "two" } }, { name: "two", after: ["one"] })],
    },
    /^\[object-cycle\] spec\.objects: /,
  ],
  ["a rule above the ceiling", { rules: [widgets] }, /^\[rule-above-ceiling\] spec\.rules\[0\]: /],
  [
    "a device that is not granted",
    { quota: { "requests.nvidia.com/gpu": "1" } },
    /^\[quota-above-ceiling\] spec\.quota\["requests\.nvidia\.com\/gpu"\]: /,
  ],
  [
    "a profile that does not exist",
    { policy: { profile: "nowhere" } },
    /^\[unknown-profile\] spec\.policy\.profile: there is no PolicyProfile nowhere/,
  ],
  [
    "an account of its own for the pod",
    { workspace: { template: { spec: { containers: [{ name: "a", image: "i" }], serviceAccountName: "x" } } } },
    /^\[desk-field\] spec\.workspace\.template\.spec\.serviceAccountName: /,
  ],
  [
    "a time zone that is none",
    { pool: { size: 1, schedule: [{ from: "08:00", to: "09:00", timeZone: "Mars", size: 1 }] } },
    /^\[time-zone\] spec\.pool\.schedule\[0\]\.timeZone: /,
  ],
];

suite("templates are judged when they are written", { timeout: 240_000 }, () => {
  let environment: WebhookEnvironment;
  before(async () => {
    environment = await startWebhookEnvironment();
    // The API server learns of each webhook by the same watch.
    await eventually(async () => {
      denied(await create({ objects: [object({ kind: "Namespace" })] }, "?dryRun=All"), HOOK, /object-kind/);
    });
  });
  after(async () => {
    await environment[Symbol.asyncDispose]();
  });

  const create = async (spec: object, query = ""): Promise<ApiAnswer> => {
    const { metadata, ...template } = aSessionTemplate();
    return await environment.admin.create(`${PATH}${query}`, {
      ...template,
      metadata,
      spec: { ...template.spec, ...spec },
    });
  };

  for (const [name, spec, message] of MISTAKES) {
    test(`refused: ${name}`, async () => {
      denied(await create(spec), HOOK, message);
    });
  }

  test("all mistakes are told at once", async () => {
    const answer = await create({ rules: [widgets], objects: [object({ kind: "LimitRange" })] });
    denied(answer, HOOK, /rule-above-ceiling.*object-kind/);
  });

  test("a good template passes, and a doubtful one with a warning", async () => {
    const good = await create({
      parameters: [{ name: "seats", type: "int", default: "3" }],
      generate: [{ name: "key", type: "sshKey" }],
      objects: [
        object({ data: { a: "$(workspace.name) $(string(parameters.seats))" } }),
        object(
          { kind: "Secret", metadata: { name: "key" }, stringData: { key: "$(generated.key.private)" } },
          { name: "two" },
        ),
      ],
    });
    assert.equal(good.status, 201, good.message);
    assert.deepEqual(good.warnings, []);
    const doubtful = await create({ parameters: [{ name: "n", pattern: "^a$" }] });
    assert.equal(doubtful.status, 201, doubtful.message);
    assert.match(
      doubtful.warnings.join(),
      /\[parameter-pattern\] spec\.parameters\[0\]\.pattern: \^ and \$ are not needed/,
    );
  });

  test("a ceiling grants more; an update is judged like a creation, and one of metadata alone is not", async () => {
    const made = await create({});
    const at = `${PATH}/${(made.body as { metadata: { name: string } }).metadata.name}`;
    denied(await environment.admin.patch(at, { spec: { rules: [widgets] } }), HOOK, /rule-above-ceiling/);
    await environment.createProfile("ceiling", { ceiling: true, maxRules: [widgets] });
    await eventually(async () => {
      const granted = await environment.admin.patch(at, { spec: { rules: [widgets] } });
      assert.equal(granted.status, 200, granted.message);
    });
    await environment.admin.delete(`${PROFILES}/ceiling`);
    await eventually(async () => {
      denied(await create({ rules: [widgets] }, "?dryRun=All"), HOOK, /rule-above-ceiling/);
    });
    const labelled = await environment.admin.patch(at, { metadata: { labels: { a: "b" } } });
    assert.equal(labelled.status, 200, labelled.message);
  });

  test("a profile that was made a moment ago is found", async () => {
    await environment.createProfile("fresh", {});
    const made = await create({ policy: { profile: "fresh" } });
    assert.equal(made.status, 201, made.message);
  });

  test("a profile says what in it has no effect", async () => {
    const profile = (spec: object) => ({
      apiVersion: "carrel.dev/v1alpha1",
      kind: "PolicyProfile",
      metadata: { name: "odd" },
      spec,
    });
    const made = await environment.admin.create(
      PROFILES,
      profile({ maxRules: [widgets], rules: [{ id: "no-such-rule", mode: "audit" }] }),
    );
    assert.equal(made.status, 201, made.message);
    assert.match(made.warnings.join("\n"), /\[no-ceiling\] spec\.maxRules: has no effect without ceiling: true/);
    assert.match(
      made.warnings.join("\n"),
      /\[unknown-rule\] spec\.rules\[0\]\.id: there is no rule no-such-rule; there are /,
    );
  });

  test("while the webhook is down nothing new is taken, but statuses, metadata and deletions are", async () => {
    const made = await create({});
    const at = `${PATH}/${(made.body as { metadata: { name: string } }).metadata.name}`;
    await environment.stopWebhook();
    try {
      const refused = await create({});
      assert.equal(refused.status, 500, refused.message);
      assert.match(refused.message, /failed calling webhook "templates\.admission\.carrel\.dev"/);
      const status = await environment.admin.patch(`${at}/status`, {
        status: { pool: { wanted: 0, ready: 0, starting: 0 } },
      });
      assert.equal(status.status, 200, status.message);
      const labelled = await environment.admin.patch(at, { metadata: { finalizers: ["example.com/x"] } });
      assert.equal(labelled.status, 200, labelled.message);
      const deleted = await environment.admin.delete(at);
      assert.equal(deleted.status, 200, deleted.message);
      const freed = await environment.admin.patch(at, { metadata: { finalizers: null } });
      assert.equal(freed.status, 200, freed.message);
      assert.equal((await environment.admin.ask("GET", at)).status, 404);
    } finally {
      await environment.startWebhook();
    }
  });
});
