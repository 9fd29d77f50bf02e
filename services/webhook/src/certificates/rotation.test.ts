import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { suite, test } from "node:test";
import type { WebhookConfiguration } from "@carrel/kube";
import { bundleOf, fromSecretData, toSecretData, type CertificateSet } from "./certificate-set.ts";
import { planBundle, trusts } from "./plan-bundle.ts";
import { planRotation, type RotationSettings } from "./plan-rotation.ts";
import { readCertificate, splitPem } from "./read-certificate.ts";
import { takeStep } from "./take-step.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2026-01-01T00:00:00Z");
const SETTINGS: RotationSettings = {
  authorityLifeMs: 365 * DAY_MS,
  serverLifeMs: 60 * DAY_MS,
  publishMs: 60_000,
  names: ["carrel-webhook.carrel-system.svc", "127.0.0.1"],
};

const begun = await takeStep("begin", undefined, START_MS, SETTINGS);

suite("a certificate set", () => {
  test("holds an authority and a server certificate that Node and OpenSSL accept", () => {
    const server = new X509Certificate(begun.server.certificate);
    const authority = new X509Certificate(begun.authority.certificate);
    assert.ok(server.checkIssued(authority));
    assert.ok(server.verify(authority.publicKey));
    assert.equal(server.checkHost("carrel-webhook.carrel-system.svc"), "carrel-webhook.carrel-system.svc");
    assert.equal(server.checkIP("127.0.0.1"), "127.0.0.1");
    assert.equal(server.checkHost("example.com"), undefined);
    assert.deepEqual([authority.ca, server.ca], [true, false]);
    assert.deepEqual(server.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  });
  test("survives its Secret", async () => {
    assert.deepEqual(fromSecretData(toSecretData(begun)), begun);
    const staged = await takeStep("stage", begun, START_MS, SETTINGS);
    assert.deepEqual(fromSecretData(toSecretData(staged)), staged);
    const promoted = await takeStep("promote", staged, START_MS, SETTINGS);
    assert.deepEqual(fromSecretData(toSecretData(promoted)), promoted);
  });
  test("is none when a part is missing, damaged or does not fit", async () => {
    const data = toSecretData(begun);
    const other = toSecretData(await takeStep("begin", undefined, START_MS, SETTINGS));
    for (const key of ["ca.crt", "ca.key", "tls.crt", "tls.key"]) {
      const { [key]: _, ...rest } = data;
      assert.equal(fromSecretData(rest), undefined, key);
      assert.equal(fromSecretData({ ...data, [key]: "AAAA" }), undefined, key);
      assert.equal(fromSecretData({ ...data, [key]: other[key] ?? "" }), undefined, key);
    }
    assert.equal(fromSecretData(undefined), undefined);
  });
});

suite("the rotation", () => {
  const at = (set: CertificateSet | undefined, days: number, published = true): string =>
    planRotation(set, published, START_MS + days * DAY_MS, SETTINGS).action;

  test("begins with nothing, and rests until two thirds of the server certificate's life", () => {
    assert.equal(at(undefined, 0), "begin");
    assert.equal(at(begun, 0), "rest");
    assert.equal(at(begun, 39), "rest");
    assert.equal(at(begun, 41), "renew");
  });
  test("renews when the names change or the certificate has expired", () => {
    const names = ["other.svc"];
    assert.equal(planRotation(begun, true, START_MS, { ...SETTINGS, names }).action, "renew");
    assert.equal(at(begun, 61), "renew");
  });
  test("stages, publishes, promotes; the old authority stays trusted until it expires", async () => {
    const dueMs = START_MS + 244 * DAY_MS;
    const before = await takeStep("renew", begun, dueMs - DAY_MS, SETTINGS);
    assert.equal(at(before, 244), "stage");
    const staged = await takeStep("stage", before, dueMs, SETTINGS);
    assert.equal(staged.server.certificate, before.server.certificate);
    assert.deepEqual(planRotation(staged, true, dueMs + 1000, SETTINGS), { action: "rest", untilMs: dueMs + 60_000 });
    assert.equal(planRotation(staged, false, dueMs + 61_000, SETTINGS).action, "rest");
    assert.equal(planRotation(staged, false, dueMs + 40 * DAY_MS, SETTINGS).action, "renew", "not published for long");
    assert.equal(planRotation(staged, true, dueMs + 61_000, SETTINGS).action, "promote");

    const promoted = await takeStep("promote", staged, dueMs + 61_000, SETTINGS);
    assert.equal(bundleOf(promoted), bundleOf(staged), "what is trusted does not change when the signer does");
    assert.equal(splitPem(bundleOf(promoted)).length, 2);
    assert.equal(planRotation(promoted, true, dueMs + 61_000, SETTINGS).action, "rest");
    const server = new X509Certificate(promoted.server.certificate);
    assert.ok(server.verify(new X509Certificate(promoted.authority.certificate).publicKey));
    assert.notEqual(promoted.authority.certificate, begun.authority.certificate);

    const later = await takeStep("renew", promoted, START_MS + 366 * DAY_MS, SETTINGS);
    assert.equal(planRotation(later, true, START_MS + 366 * DAY_MS, SETTINGS).action, "prune");
    const pruned = await takeStep("prune", later, START_MS + 366 * DAY_MS, SETTINGS);
    assert.deepEqual(splitPem(bundleOf(pruned)), [promoted.authority.certificate]);
  });
  test("begins anew when the authority itself has expired", () => {
    assert.equal(at(begun, 366), "begin");
  });
  test("lets no server certificate outlive its authority", async () => {
    const late = await takeStep("renew", begun, START_MS + 350 * DAY_MS, SETTINGS);
    assert.equal(
      readCertificate(late.server.certificate)?.untilMs,
      readCertificate(begun.authority.certificate)?.untilMs,
    );
  });
  test("comes to rest from any point in time", async () => {
    let set: CertificateSet | undefined;
    for (let day = 0; day < 1500; day += 7) {
      const nowMs = START_MS + day * DAY_MS;
      let steps = 0;
      for (;;) {
        const step = planRotation(set, true, nowMs, { ...SETTINGS, publishMs: 0 });
        if (step.action === "rest") {
          assert.ok(step.untilMs > nowMs);
          break;
        }
        set = await takeStep(step.action, set, nowMs, SETTINGS);
        steps += 1;
        assert.ok(steps <= 4, `day ${day} takes more than four steps`);
      }
      assert.ok((readCertificate(set?.server.certificate ?? "")?.untilMs ?? 0) > nowMs);
    }
  });
});

suite("the bundle", () => {
  const configuration = (...bundles: readonly (string | undefined)[]): WebhookConfiguration => ({
    metadata: { name: "carrel-admission", resourceVersion: "7" },
    webhooks: bundles.map((caBundle, index) => ({
      name: `w${index}.carrel.dev`,
      clientConfig: caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString("base64") },
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    })),
  });
  test("is patched into the webhooks that lack it, and only while nobody changes them", () => {
    const bundle = bundleOf(begun);
    assert.equal(planBundle(configuration(bundle, bundle), bundle), undefined);
    assert.deepEqual(planBundle(configuration(bundle, undefined), bundle), [
      { op: "test", path: "/metadata/resourceVersion", value: "7" },
      { op: "test", path: "/webhooks/1/name", value: "w1.carrel.dev" },
      { op: "add", path: "/webhooks/1/clientConfig/caBundle", value: Buffer.from(bundle).toString("base64") },
    ]);
  });
  test("is trusted when every webhook has the authority", async () => {
    const staged = await takeStep("stage", begun, START_MS, SETTINGS);
    const { certificate } = begun.authority;
    assert.equal(trusts(configuration(bundleOf(staged), bundleOf(begun)), certificate), true);
    assert.equal(trusts(configuration(bundleOf(staged), bundleOf(begun)), staged.next?.certificate ?? ""), false);
    assert.equal(trusts(configuration(), certificate), false);
    assert.equal(trusts(undefined, certificate), false);
  });
});
