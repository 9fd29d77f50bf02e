import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { eventually } from "@carrel/testkit";
import { readCertificate, splitPem } from "./certificates/read-certificate.ts";
import { aPod } from "./testing/a-pod.ts";
import { named, pathOf } from "./testing/api-objects.ts";
import type { Caller } from "./testing/caller.ts";
import { startWebhookEnvironment } from "./testing/webhook-environment.ts";

const CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/carrel-admission";
const SECRET = "/api/v1/namespaces/carrel-system/secrets/carrel-webhook-tls";

interface Published {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** The authorities that the API server trusts, by every webhook alike. */
async function published(admin: Caller): Promise<readonly string[]> {
  const { webhooks } = (await admin.ask("GET", CONFIGURATION)).body as Published;
  const bundles = new Set(webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? ""));
  assert.equal(bundles.size, 1);
  return splitPem(Buffer.from([...bundles][0] ?? "", "base64").toString("utf8"));
}

suite("the webhook's certificates behind a real API server", { timeout: 180_000 }, () => {
  test("authority and certificate are replaced without one failed request", async (t) => {
    // The authority is due after some 13 s, the certificate after 5 s.
    await using environment = await startWebhookEnvironment({
      authorityLifeMs: 20_000,
      serverLifeMs: 8_000,
      publishMs: 2_000,
    });
    const { admin } = environment;
    const { learner, namespace } = await environment.createWorkspace();
    const path = `${pathOf(aPod(), namespace)}?dryRun=All`;
    const first = await published(admin);

    const stop = new AbortController();
    let answered = 0;
    const failed: string[] = [];
    const ask = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const good = await learner.create(path, named(aPod()));
        const bad = await learner.create(path, named(aPod({ hostPID: true })));
        answered += 2;
        if (good.status !== 201) failed.push(`${good.status} ${good.message}`);
        if (bad.status !== 403) failed.push(`${bad.status} ${bad.message}`);
      }
    };
    const asking = Promise.all([ask(), ask(), ask(), ask()]);
    const certificates = new Set<number>();
    const watch = setInterval(() => void certificates.add(environment.webhook.expiresAtMs() ?? 0), 100);
    try {
      const limit = { timeoutMs: 120_000, everyMs: 200 };
      // Two generations on: nothing of the first is left, and it went through being trusted together.
      let together = 0;
      const second = await eventually(async () => {
        const now = await published(admin);
        together = Math.max(together, now.length);
        assert.ok(!now.includes(first[0] ?? ""));
        return now;
      }, limit);
      await eventually(async () => assert.ok(!(await published(admin)).includes(second[0] ?? "")), limit);
      assert.ok(together >= 2, "old and new authority were trusted together");
    } finally {
      clearInterval(watch);
      stop.abort(new Error("enough"));
      await asking;
    }
    t.diagnostic(`${answered} requests, ${failed.length} failed, ${certificates.size} certificates`);
    assert.deepEqual(failed, []);
    assert.ok(certificates.size >= 4);
    assert.ok(answered > 100);
  });
});

suite("the webhook repairs its own set-up", { timeout: 120_000 }, () => {
  test("a bundle that somebody overwrote, and a Secret that somebody deleted", async () => {
    await using environment = await startWebhookEnvironment();
    const { admin } = environment;
    const before = await published(admin);
    assert.equal(readCertificate(before[0] ?? "")?.isAuthority, true);

    const removed = await admin.ask(
      "PATCH",
      CONFIGURATION,
      [{ op: "remove", path: "/webhooks/0/clientConfig/caBundle" }],
      "application/json-patch+json",
    );
    assert.equal(removed.status, 200, removed.message);
    await eventually(async () => assert.deepEqual(await published(admin), before));

    const uidOf = async (): Promise<string> => {
      const found = (await admin.ask("GET", SECRET)).body as { metadata?: { uid?: string } };
      return found.metadata?.uid ?? "";
    };
    const uid = await uidOf();
    assert.equal((await admin.delete(SECRET)).status, 200);
    await eventually(async () => {
      const now = await uidOf();
      assert.ok(now !== "" && now !== uid);
    });
    assert.deepEqual(await published(admin), before, "the same authority: nothing had to change over");
    const { learner, namespace } = await environment.createWorkspace();
    assert.equal((await learner.create(pathOf(aPod(), namespace), named(aPod()))).status, 201);
  });
});
