import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LABELS } from "@carrel/api";
import { SESSION_TEMPLATES, WORKSPACES } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { Examples } from "./support/examples.ts";
import { callsSince, serviceCalls } from "./support/service-calls.ts";

/** deploy/examples/with-operator/workshop.yaml, from its spare to its end; prints times and calls of each step. */
let examples: Examples;

before(async () => {
  examples = await Examples.install();
  await examples.apply("operator/policy-profiles.yaml");
});
after(() => examples[Symbol.asyncDispose]());

test("the whole life of a workshop", async (t) => {
  const { backend, client } = examples.carrel;
  /** Does a step and prints how long it took and what Carrel asked the API server meanwhile. */
  const step = async <T>(title: string, run: () => Promise<T>): Promise<T> => {
    const before = await serviceCalls(client);
    const start = performance.now();
    const result = await run();
    const took = Math.round(performance.now() - start);
    t.diagnostic(`${title}: ${took} ms; calls: ${callsSince(before, await serviceCalls(client))}`);
    return result;
  };
  const spareIsReady = async (): Promise<void> => {
    await eventually(
      async () => assert.equal((await client.get(SESSION_TEMPLATES, "workshop")).status?.pool?.ready, 1),
      { timeoutMs: 150_000, everyMs: 100 },
    );
  };
  await step("the template, until its spare is ready", async () => {
    await examples.apply("with-operator/workshop.yaml");
    await spareIsReady();
  });
  const request = {
    user: { id: "wanda", name: "Wanda" },
    parameters: { course: "bakery", replicas: 2 },
    // Short enough for its user to extend it at once.
    duration: "25m",
  };
  const started = await step("a session of the spare, until it is ready", () =>
    examples.start("workshop", "wanda", request),
  );
  await step("the next spare", spareIsReady);
  const { desk, namespace, view } = started;

  await t.test("the session knows its pages", () => {
    assert.deepEqual(
      view.endpoints?.map(({ name, title }) => [name, title]),
      [
        ["main", "Terminal"],
        ["shop", "The shop"],
      ],
    );
    assert.deepEqual(view.links, [{ title: "Instructions", url: "https://lessons.example.com/bakery?for=wanda" }]);
  });
  await t.test("shop and database answer, each in its namespace", async () => {
    assert.equal((await desk.run("curl -sf -m 5 http://shop/")).output, "bakery of Wanda\n");
    assert.equal((await desk.run('curl -sf -m 5 "$DATABASE/"')).code, 0);
    const stored = await desk.run("kubectl get secret generated -o jsonpath='{.data.password}' | base64 -d");
    assert.equal((await desk.run("printf %s $DATABASE_PASSWORD")).output, stored.output);
  });
  await t.test("the learner works: scales, deploys, looks", async () => {
    assert.equal((await desk.run("kubectl get deployment shop -o jsonpath='{.spec.replicas}'")).output, "2");
    const scaled = await desk.run("kubectl scale deployment shop --replicas=1");
    assert.equal(scaled.code, 0, scaled.output);
    const image = "$(kubectl get pod desk -o jsonpath='{.spec.containers[0].image}')";
    const mine = await desk.run(`kubectl create deployment mine --image=${image} -- sleep 1000`);
    assert.equal(mine.code, 0, mine.output);
    assert.equal((await desk.run("kubectl rollout status deployment/mine --timeout=60s")).code, 0);
    const pods = await desk.run(`kubectl get pods -n ${namespace}-data -o name`);
    assert.match(pods.output, /database-/);
    assert.equal((await desk.run("kubectl get crontab backup")).code, 0);
  });
  await t.test("extended by what the template says, and no further than it says", async () => {
    const extended = await step("an extension", () => backend.extendSession(view.name, { idempotencyKey: "more" }));
    assert.equal(Date.parse(extended.expiresAt) - Date.parse(view.expiresAt), 30 * 60_000);
    const again = await backend.extendSession(view.name, { idempotencyKey: "more" });
    assert.equal(again.expiresAt, extended.expiresAt, "the same request does not extend twice");
    const far = await backend.extendSession(view.name, { by: "12h" });
    assert.equal(far.expiresAt, view.deadlineAt);
  });
  await step("its end, until nothing is left", () => examples.end(started));
  await client.delete(SESSION_TEMPLATES, "workshop");
  await eventually(
    async () => {
      const { items } = await client.list(WORKSPACES, { labelSelector: `${LABELS.template}=workshop` });
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name),
        [],
      );
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
});
