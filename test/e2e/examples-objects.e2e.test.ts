import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SESSIONS } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { eventually } from "@carrel/testkit";
import { Examples, type Started } from "./support/examples.ts";

/** deploy/examples/objects.yaml: what a session brings along, and what the learner adds. */
let examples: Examples;

before(async () => {
  examples = await Examples.install();
});
after(() => examples[Symbol.asyncDispose]());

test("objects at start are served when the session is ready; what the learner applies is served too", async (t) => {
  const started = await examples.start("objects", "olga");
  const { desk, namespace } = started;
  await t.test("the page that was there from the start", async () => {
    const { code, output } = await desk.run("curl -sf -m 5 http://web/");
    assert.deepEqual([code, output], [0, `a page of ${namespace}\n`]);
  });
  await t.test("kubectl apply by the learner, with the file that the session brought along", async () => {
    const applied = await desk.run("kubectl apply -f exercise/mine.yaml");
    assert.equal(applied.code, 0, applied.output);
    const rollout = await desk.run("kubectl rollout status deployment/mine --timeout=60s");
    assert.equal(rollout.code, 0, rollout.output);
    // A Service takes a moment to lead to a pod that has just become ready.
    await eventually(
      async () => {
        const { code, output } = await desk.run("curl -sf -m 5 http://mine/");
        assert.equal(code, 0, output);
        assert.match(output, /Directory listing/);
      },
      { timeoutMs: 20_000, everyMs: 250 },
    );
  });
  await t.test("what the session brought along is the learner's to work with", async () => {
    const steps = "kubectl set env deployment/web A=b && kubectl delete service web && kubectl get deployment web";
    const { code, output } = await desk.run(steps);
    assert.equal(code, 0, output);
    const taken = await desk.run("kubectl label deployment web carrel.dev/object-");
    assert.match(taken.output, /\[managed-objects\] metadata\.labels\[carrel\.dev\/object\]: must stay/);
  });
  await examples.end(started);
});

const page = (name: string): string => `
    - name: page
      template: { apiVersion: v1, kind: ConfigMap, metadata: { name: page } }
    - name: ${name}`;
const failing: [string, string, RegExp][] = [
  [
    "a policy refuses it",
    `${page("root")}
      after: [page]
      template:
        apiVersion: v1
        kind: Pod
        metadata: { name: root }
        spec: { containers: [{ name: root, image: "x", securityContext: { privileged: true } }] }`,
    /root \(Pod root in w\w+\).*privileged/,
  ],
  [
    "it never becomes ready",
    `${page("never")}
      waitFor: { path: status.readyReplicas, value: "1", timeout: 3s }
      template:
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: never }
        spec:
          selector: { matchLabels: { app: never } }
          template:
            metadata: { labels: { app: never } }
            spec: { nodeSelector: { none: such }, containers: [{ name: never, image: "x" }] }`,
    /never \(Deployment never in w\w+\): not ready after 3s/,
  ],
];
for (const [why, objects, message] of failing) {
  test(`an object fails because ${why}: the session fails and names it, and nothing is left`, async () => {
    const { backend, client } = examples.carrel;
    const text = await examples.read("terminal.yaml");
    const name = `failing-${why.length}`;
    await examples.applyText(
      text.replace("name: terminal", `name: ${name}`).replace("spec:\n", `spec:\n  objects:${objects}\n`),
    );
    const user = { id: "frida" };
    const key = `${name}-${Date.now()}`;
    await eventually(
      async () => {
        const refusal: unknown = await backend
          .createSession({ template: name, user }, { idempotencyKey: key, deadlineMs: Date.now() + 60_000 })
          .catch((error: unknown) => error);
        assert.ok(hasCode(refusal, "FAILED"), String(refusal));
        assert.match((refusal as Error).message, message);
      },
      { timeoutMs: 70_000, everyMs: 500 },
    );
    const session = await client.get(SESSIONS, backend.sessionNameOf(key));
    assert.equal(session.spec.end?.reason, "Failed");
    assert.match(session.spec.end?.message ?? "", message);
    await eventually(
      async () => assert.equal((await client.get(SESSIONS, session.metadata.name)).status?.phase, "Ended"),
      { timeoutMs: 60_000, everyMs: 250 },
    );
    await examples.assertNothingLeft(session.spec.workspace);
  });
}

/** What the learner may do by default, as `kubectl auth can-i` answers in the desk: verb and resource, and where. */
const may: readonly (readonly [string, "own" | "default" | "kube-system" | "everywhere", boolean])[] = [
  ["create deployments.apps", "own", true],
  ["create pods", "own", true],
  ["delete services", "own", true],
  ["get secrets", "own", true],
  ["create pods/exec", "own", true],
  ["list resourcequotas", "own", true],
  ["update resourcequotas", "own", false],
  ["create roles.rbac.authorization.k8s.io", "own", false],
  ["create rolebindings.rbac.authorization.k8s.io", "own", false],
  ["create serviceaccounts", "own", false],
  ["create serviceaccounts/token", "own", false],
  ["create networkpolicies.networking.k8s.io", "own", false],
  ["impersonate users", "own", false],
  ["patch namespaces", "own", false],
  ["list namespaces", "everywhere", false],
  ["get nodes", "everywhere", false],
  ["list pods", "everywhere", false],
  ["list secrets", "everywhere", false],
  ["list persistentvolumes", "everywhere", false],
  ["get sessions.carrel.dev", "everywhere", false],
  ["get workspaces.carrel.dev", "everywhere", false],
  ["list customresourcedefinitions.apiextensions.k8s.io", "everywhere", false],
  ["get pods", "default", false],
  ["get secrets", "default", false],
  ["get secrets", "kube-system", false],
  ["create pods", "kube-system", false],
];

test("default rights: the learner's own namespace and nothing else", async (t) => {
  const [started, neighbour] = [await examples.start("terminal", "rita"), await examples.start("terminal", "nina")];
  const canI = async (question: string, scope: readonly string[]): Promise<boolean> => {
    const { output } = await started.desk.run(`kubectl auth can-i ${question} ${scope.join(" ")} 2>/dev/null`);
    return output.trim() === "yes";
  };
  await t.test("can-i", async () => {
    const answers: (readonly [string, string, boolean])[] = [];
    for (const [question, where] of may) {
      const scope = where === "own" ? [] : where === "everywhere" ? ["--all-namespaces"] : ["-n", where];
      answers.push([question, where, await canI(question, scope)]);
    }
    assert.deepEqual(answers, may);
  });
  await t.test("a neighbour's namespace is as any other", async () => {
    const answers = await Promise.all(
      ["get pods", "get secrets", "create pods", "get configmaps", "get namespaces"].map((question) =>
        canI(question, ["-n", neighbour.namespace]),
      ),
    );
    assert.deepEqual(answers, [false, false, false, false, false]);
  });
  await t.test("kubectl get namespaces is refused, the own one may be read", async () => {
    assert.match((await started.desk.run("kubectl get namespaces")).output, /cannot list resource "namespaces"/);
    assert.equal((await started.desk.run(`kubectl get namespace ${started.namespace}`)).code, 0);
  });
  await t.test("what exists cluster-wide is not to be written", () => assertNoClusterWrites(started));
  await examples.end(started);
  await examples.end(neighbour);
});

/** The whole list of rights, as the API server tells it: outside the namespace only questions about oneself. */
async function assertNoClusterWrites({ desk }: Started): Promise<void> {
  const { output } = await desk.run("kubectl auth can-i --list -n default --no-headers");
  const writable = output
    .split("\n")
    .filter((line) => /\[[^\]]*(create|update|patch|delete|\*)[^\]]*\]\s*$/.test(line));
  const resources = writable.map((line) => line.split(/\s+/)[0] ?? "");
  const questions = /^(selfsubject(access|rules)?reviews\.(authorization|authentication)\.k8s\.io|)$/;
  assert.deepEqual(
    resources.filter((resource) => !questions.test(resource)),
    [],
    output,
  );
}
