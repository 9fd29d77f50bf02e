import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LABELS, Quantity } from "@carrel/api";
import { NAMESPACES, RESOURCE_QUOTAS } from "@carrel/kube";
import { Examples, type Started } from "./support/examples.ts";

/** deploy/examples/namespaces.yaml: three namespaces with a role each, one budget, one policy, one network. */
let examples: Examples;
let started: Started;
let neighbour: Started;

before(async () => {
  examples = await Examples.install();
  started = await examples.start("namespaces", "nora");
  neighbour = await examples.start("terminal", "nick");
});
after(() => examples[Symbol.asyncDispose]());

const namespacesOf = ({ namespace }: Started): readonly string[] => [
  namespace,
  `${namespace}-staging`,
  `${namespace}-data`,
];

test("the quotas of all namespaces together are the one budget", async () => {
  const sums = new Map<string, Quantity>();
  for (const namespace of namespacesOf(started)) {
    const { items } = await examples.carrel.client.list(RESOURCE_QUOTAS, { namespace });
    for (const { metadata, spec } of items) {
      if (metadata.name === "desk") continue;
      for (const [key, amount] of Object.entries(spec?.hard ?? {})) {
        sums.set(key, (sums.get(key) ?? Quantity.zero).plus(Quantity.parse(amount)));
      }
    }
  }
  const text = (key: string): string => sums.get(key)?.toString() ?? "";
  assert.deepEqual(
    ["requests.cpu", "limits.cpu", "limits.memory", "pods", "persistentvolumeclaims", "services"].map(text),
    ["1", "1", "1Gi", "20", "3", "5"],
  );
});

test("what is deployed in one leaves the same for the others as before; more than its share is refused", async () => {
  const pod = (cpu: string): string =>
    JSON.stringify({
      spec: {
        // Nowhere: it counts all the same.
        nodeSelector: { none: "such" },
        containers: [{ name: "p", image: "x", resources: { requests: { cpu }, limits: { cpu } } }],
      },
    });
  const run = (name: string, cpu: string) =>
    started.desk.run(`kubectl run ${name} -n "$STAGING" --image=x --overrides='${pod(cpu)}'`);
  const first = await run("whole", "300m");
  assert.equal(first.code, 0, first.output);
  const second = await run("more", "1m");
  assert.notEqual(second.code, 0);
  assert.match(second.output, /exceeded quota: budget/);
  const primary = await started.desk.run(`kubectl run own --image=x --overrides='${pod("300m")}'`);
  assert.equal(primary.code, 0, primary.output);
});

test("each namespace has its own role", async () => {
  const canI = async (question: string, where: string): Promise<string | undefined> =>
    (await started.desk.run(`kubectl auth can-i ${question} -n ${where} 2>/dev/null`)).output.split("\n")[0];
  const rows: readonly (readonly [string, string, string])[] = [
    ["create deployments", '"$STAGING"', "yes"],
    ["get secrets", '"$STAGING"', "yes"],
    ["get deployments", '"$DATA"', "yes"],
    ["create deployments", '"$DATA"', "no"],
    ["delete pods", '"$DATA"', "no"],
    ["create pods/exec", '"$DATA"', "no"],
    ["list secrets", '"$DATA"', "no"],
    ["get secrets/database", '"$DATA"', "yes"],
    ["get secrets/other", '"$DATA"', "no"],
  ];
  const answers: (readonly [string, string, string | undefined])[] = [];
  for (const [question, where] of rows) answers.push([question, where, await canI(question, where)]);
  assert.deepEqual(answers, rows);
  const read = await started.desk.run(`kubectl get secret database -n "$DATA" -o jsonpath='{.data.password}'`);
  assert.match(Buffer.from(read.output, "base64").toString(), /^[A-Za-z0-9]{24}$/);
});

const PRIVILEGED = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "p" },
  spec: {
    selector: { matchLabels: { app: "p" } },
    template: {
      metadata: { labels: { app: "p" } },
      spec: { containers: [{ name: "p", image: "x", securityContext: { privileged: true } }] },
    },
  },
});

test("the policies hold in all of them: labels, Carrel's webhook, Pod Security itself", async () => {
  for (const namespace of namespacesOf(started)) {
    const { metadata } = await examples.carrel.client.get(NAMESPACES, namespace);
    assert.equal(metadata.labels?.["pod-security.kubernetes.io/enforce"], "restricted", namespace);
    assert.equal(metadata.labels?.[LABELS.workspace], started.namespace);
    // The administrator is no learner: what refuses him is Kubernetes itself.
    const admin = ["run", "p", "-n", namespace, "--image=x", "--privileged", "--dry-run=server"];
    const byAdmin = await examples.kubectl(admin);
    assert.notEqual(byAdmin.code, 0, namespace);
    assert.match(byAdmin.output, /violates PodSecurity "restricted:latest"/);
  }
  for (const namespace of namespacesOf(started).slice(0, 2)) {
    const service = await started.desk.run(`kubectl create service nodeport n --tcp=80 -n ${namespace}`);
    assert.match(service.output, /\[service\] spec\.type: must be ClusterIP/);
    // Of a Deployment, Pod Security would only warn.
    const deployment = await started.desk.run(`kubectl create -n ${namespace} -f -`, PRIVILEGED);
    assert.match(deployment.output, /\[pod-security\/privileged\] spec\.template\.spec\.containers\[0\]/);
  }
});

test("the network is one over the session's namespaces, and ends there", async () => {
  assert.equal((await started.desk.run('curl -sf -m 5 "$DATABASE/"')).code, 0);
  // The neighbour knows the name, and has the same policy: the way is closed, not the server away.
  const [, , data] = namespacesOf(started);
  const foreign = await neighbour.desk.run(`curl -sf -m 3 http://database.${data}.svc:5432/`);
  assert.notEqual(foreign.code, 0, foreign.output);
});

test("all three go at the end", async () => {
  await examples.end(started);
  await examples.end(neighbour);
});
