import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Examples } from "./support/examples.ts";

/** deploy/examples/with-operator/custom-resource.yaml: rights to a custom resource, as far as the ceiling allows. */
let examples: Examples;

before(async () => {
  examples = await Examples.install();
  await examples.apply("operator/policy-profiles.yaml", "with-operator/custom-resource.yaml");
});
after(() => examples[Symbol.asyncDispose]());

const manifest = (name: string, replicas = 1): string =>
  JSON.stringify({
    apiVersion: "stable.example.com/v1",
    kind: "CronTab",
    metadata: { name },
    spec: { cronSpec: "* * * * *", replicas },
  });

test("a custom resource that the template grants: created, read, changed, deleted here and nowhere else", async (t) => {
  const [granted, plain] = [await examples.start("custom-resource", "cora"), await examples.start("terminal", "paul")];
  const { desk } = granted;
  const crontabs = async (): Promise<string> => (await desk.run("kubectl get crontabs -o name")).output;
  await t.test("create, read, change, delete", async () => {
    assert.equal((await desk.run("kubectl create -f -", manifest("mine"))).code, 0);
    assert.equal((await desk.run("kubectl get ct mine -o jsonpath='{.spec.replicas}'")).output, "1");
    const changed = await desk.run(`kubectl patch ct mine --type merge -p '{"spec":{"replicas":2}}'`);
    assert.equal(changed.code, 0, changed.output);
    assert.equal((await desk.run("kubectl apply -f -", manifest("mine", 3))).code, 0);
    assert.equal((await desk.run("kubectl get ct mine -o jsonpath='{.spec.replicas}'")).output, "3");
    assert.equal((await desk.run("kubectl delete ct mine")).code, 0);
    assert.equal(await crontabs(), "crontab.stable.example.com/nightly\n");
  });
  await t.test("the quota counts them, the session's own included", async () => {
    for (const name of ["two", "three"]) {
      const { code, output } = await desk.run("kubectl create -f -", manifest(name));
      assert.equal(code, 0, output);
    }
    const { code, output } = await desk.run("kubectl create -f -", manifest("four"));
    assert.notEqual(code, 0);
    assert.match(output, /exceeded quota: .*count\/crontabs\.stable\.example\.com=3/);
  });
  await t.test("not in other namespaces, and nothing else of the group's", async () => {
    for (const scope of ["-n default", `-n ${plain.namespace}`, "--all-namespaces"]) {
      const { output } = await desk.run(`kubectl get crontabs ${scope}`);
      assert.match(output, /cannot list resource "crontabs"/, scope);
    }
    const { output } = await desk.run("kubectl get crd");
    assert.match(output, /cannot list resource "customresourcedefinitions"/);
  });
  await t.test("a session of another template has no right to them, not even in its own namespace", async () => {
    const { output } = await plain.desk.run("kubectl get crontabs");
    assert.match(output, /cannot list resource "crontabs"/);
    assert.match((await plain.desk.run("kubectl create -f -", manifest("mine"))).output, /cannot create resource/);
  });
  await examples.end(granted);
  await examples.end(plain);
});

const beyond: [string, (text: string) => string, RegExp][] = [
  [
    "a verb that the ceiling does not list",
    (text) => text.replace("patch, delete]", "patch, delete, deletecollection]"),
    /\[rule-above-ceiling\] spec\.rules\[0\]: a ceiling profile does not allow deletecollection crontabs\.stable/,
  ],
  [
    "every verb",
    (text) => text.replace(/verbs: \[get, [^\]]*\]/, 'verbs: ["*"]'),
    /spec\.rules\[0\]: Invalid value.*\* is not allowed: name what the lesson needs/s,
  ],
  [
    "a right to the whole cluster",
    (text) => text.replace("  rules:", "  clusterRules:"),
    /\[cluster-rule-above-ceiling\] spec\.clusterRules\[0\]/,
  ],
  [
    "more than any budget counts",
    (text) => text.replace("budget: small", "budget: xxx-large"),
    /spec\.budget: .*at most large/,
  ],
  [
    "a profile that does not exist",
    (text) => text.replace("profile: custom-resources", "profile: custom-resorces"),
    /\[unknown-profile\] spec\.policy\.profile: there is no PolicyProfile custom-resorces/,
  ],
];
for (const [what, change, message] of beyond) {
  test(`refused when it is applied: a template that asks for ${what}`, async () => {
    const text = await examples.read("with-operator/custom-resource.yaml");
    const changed = change(text).replace("name: custom-resource\n", "name: too-much\n");
    assert.notEqual(changed, text.replace("name: custom-resource\n", "name: too-much\n"));
    const { code, output } = await examples.kubectl(["apply", "-f", "-"], changed);
    assert.notEqual(code, 0, output);
    assert.match(output, message);
  });
}
