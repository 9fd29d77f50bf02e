import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PODS, SECRETS } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { eventually } from "@carrel/testkit";
import { Examples } from "./support/examples.ts";

/** deploy/examples/with-operator/copied-secret.yaml: Secrets from elsewhere, by consent, kept in step. */
let examples: Examples;

before(async () => {
  examples = await Examples.install();
  await examples.apply("with-operator/copied-secret.yaml");
});
after(() => examples[Symbol.asyncDispose]());

const patchSource = async (patch: object, name = "licence"): Promise<void> => {
  await examples.carrel.client.mergePatch(SECRETS, name, patch, { namespace: "courses" });
};
const read = (namespace: string): string =>
  `kubectl get secret my-licence -n ${namespace} -o jsonpath='{.data}' | jq -r 'map_values(@base64d) | tostring'`;

test("a Secret is copied with the keys that are asked for, and follows its source", async (t) => {
  await patchSource({ stringData: { key: "first-edition" } });
  const started = await examples.start("copied-secret", "cleo");
  const { desk, namespace } = started;
  await t.test("into each namespace, and into the pod", async () => {
    for (const where of [namespace, `${namespace}-staging`]) {
      assert.equal((await desk.run(read(where))).output, '{"key":"first-edition"}\n');
    }
    assert.equal((await desk.run("ls /run/licence; cat /run/licence/key")).output, "key\nfirst-edition");
  });
  await t.test("an update of the source arrives in all copies", async () => {
    await patchSource({ stringData: { key: "second-edition" } });
    for (const where of [namespace, `${namespace}-staging`]) {
      await eventually(async () => assert.equal((await desk.run(read(where))).output, '{"key":"second-edition"}\n'), {
        timeoutMs: 30_000,
        everyMs: 250,
      });
    }
  });
  await t.test("the copy is not the learner's to change", async () => {
    const { code, output } = await desk.run("kubectl delete secret my-licence");
    assert.notEqual(code, 0);
    assert.match(output, /\[managed-objects\]/);
  });
  await t.test("the pull secret is used by the desk and by pods that the learner deploys", async () => {
    const pullers = async (name: string): Promise<unknown> =>
      (
        (await examples.carrel.client.get(PODS, name, { namespace })).spec as {
          readonly imagePullSecrets?: unknown;
        }
      ).imagePullSecrets;
    assert.deepEqual(await pullers("desk"), [{ name: "registry" }]);
    const run = await desk.run("kubectl run mine --image=registry.example.com/courses/none:1");
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(await pullers("mine"), [{ name: "registry" }]);
  });
  await examples.end(started);
});

test("without consent there is no session, and nothing is told about the Secret", async () => {
  const { backend } = examples.carrel;
  const start = async (source: string): Promise<string> => {
    const error: unknown = await backend
      .createSession({ template: "copied-secret", user: { id: "cleo" } }, { deadlineMs: Date.now() + 60_000 })
      .catch((thrown: unknown) => thrown);
    assert.ok(hasCode(error, "FAILED"), String(error));
    return (error as Error).message.replace(source, "SOURCE").replace(/^session \w+: /, "");
  };
  await patchSource({ metadata: { annotations: { "carrel.dev/shared-with": "others-*" } } });
  const refused = await start("courses/licence");
  await patchSource({ metadata: { annotations: { "carrel.dev/shared-with": "copied-secret,workshop-*" } } });
  assert.match(refused, /there is no Secret SOURCE that is shared with the template copied-secret/);

  const text = await examples.read("with-operator/copied-secret.yaml");
  await examples.applyText(text.replace("name: licence }\n      to", "name: no-such }\n      to"));
  await eventually(async () => assert.equal(await start("courses/no-such"), refused), {
    timeoutMs: 30_000,
    everyMs: 500,
  });
});
