import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Refusal, RefusalReason } from "../request/decide.ts";
import { aRoute } from "../testing/a-route.ts";
import { ENDED_TEXTS } from "./learner-texts.ts";
import { renderPage } from "./page.ts";
import { refusalPage } from "./refusal-page.ts";
import { waitingPage } from "./waiting-page.ts";

const reasons: RefusalReason[] = [
  "signedOut",
  "forbidden",
  "crossOrigin",
  "notFound",
  "ended",
  "starting",
  "limit",
  "podRefused",
  "podSilent",
  "podFailed",
  "unavailable",
  "malformed",
];

function policyOf(headers: readonly string[]): string {
  return headers[headers.indexOf("Content-Security-Policy") + 1] ?? "";
}

test("every page: one title, one main heading, a language, and nothing but its own style", () => {
  for (const reason of reasons) {
    const refusal: Refusal = { kind: "refuse", status: 502, code: "INTERNAL", reason, message: "It <b>broke</b>." };
    const { html, headers } = renderPage(
      refusalPage(refusal, { requestId: "r-1", loginUrl: "https://saas.example/?a=1&b" }),
      [],
    );
    const text = html.toString();
    assert.match(text, /<html lang="en">/);
    assert.equal(text.match(/<title>/g)?.length, 1);
    assert.equal(text.match(/<h1/g)?.length, 1);
    assert.match(text, /r-1/);
    assert.equal(/<b>|<script|style="|https?:\/\/(?!saas)/.test(text), false, reason);
    const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.match(policyOf(headers), /^default-src 'none'; /);
    assert.equal(policyOf(headers).includes(`style-src 'sha256-${hash}'`), true);
    assert.equal(policyOf(headers).includes("script-src"), false);
  }
});

test("the waiting page runs exactly its own script, and says where it is", () => {
  const route = aRoute(80, {
    phase: "Provisioning",
    reason: "PodStarting",
    message: "node-7 pulls registry.internal/x",
  });
  const { html, headers } = renderPage(waitingPage(route, "r-2"), ["https://saas.example"]);
  const text = html.toString();
  const script = /<script>([^]*)<\/script>/.exec(text)?.[1] ?? "";
  const hash = createHash("sha256").update(script).digest("base64");
  assert.equal(policyOf(headers).includes(`script-src 'sha256-${hash}'; connect-src 'self'`), true);
  assert.match(policyOf(headers), /frame-ancestors 'self' https:\/\/saas\.example$/);
  assert.equal(text.match(/aria-current="step"/g)?.length, 1);
  assert.equal(text.includes("node-7"), false, "the operator's business stays with the operator");
});

test("the place in the queue is told word for word, as text", () => {
  const route = aRoute(80, { phase: "Queued", reason: "Queued", message: 'Place 3 of 10 <img src=x onerror="x">' });
  const text = renderPage(waitingPage(route, "r"), []).html.toString();
  assert.match(text, /Place 3 of 10 &#60;img/);
});

test("an ended session says why, in words", () => {
  for (const [detail, words] of Object.entries(ENDED_TEXTS)) {
    const refusal: Refusal = { kind: "refuse", status: 410, code: "EXPIRED", reason: "ended", message: "x", detail };
    assert.equal(refusalPage(refusal, { requestId: "r" }).text.startsWith(words), true);
  }
});
