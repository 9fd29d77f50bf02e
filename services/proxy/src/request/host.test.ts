import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hostOf, parseHost } from "./host.ts";

const session = "sabcdefghijklmnopqrst";
const domain = "carrel.localhost";

test("the session's host is its endpoint main; others stand in front of --", () => {
  assert.deepEqual(parseHost(`${session}.${domain}`, domain), { session, endpoint: "main" });
  assert.deepEqual(parseHost(`web-app--${session}.${domain}`, domain), { session, endpoint: "web-app" });
});

test("case, port and one trailing dot do not matter", () => {
  const expected = { session, endpoint: "web" };
  for (const host of [`WEB--${session.toUpperCase()}.Carrel.LocalHost`, `web--${session}.${domain}:8080`]) {
    assert.deepEqual(parseHost(host, domain), expected, host);
  }
  assert.deepEqual(parseHost(`web--${session}.${domain}.:80`, domain), expected);
});

test("anything else names nothing", () => {
  const bad = [
    "",
    domain,
    `.${domain}`,
    "localhost",
    "127.0.0.1:8080",
    "[::1]:8080",
    session,
    `${session}.${domain}..`,
    `${session}.${domain}:`,
    `${session}.${domain}:http`,
    `${session}.${domain}:123456`,
    `${session}.evil-${domain}`,
    `${session}.${domain}.evil.example`,
    `${session}x${domain}`,
    `a.${session}.${domain}`,
    `${session.slice(1)}.${domain}`,
    `${session}a.${domain}`,
    `s1bcdefghijklmnopqrst.${domain}`,
    `main--${session}.${domain}`,
    `xn--${session}.${domain}`,
    `ab--${session}.${domain}`,
    `--${session}.${domain}`,
    `-web--${session}.${domain}`,
    `web---${session}.${domain}`,
    `we--b--${session}.${domain}`,
    `web--${session}--x.${domain}`,
    `8080--${session}.${domain}`,
    `${"a".repeat(41)}--${session}.${domain}`,
    `web--${session}.${domain}@evil.example`,
    ` ${session}.${domain}`,
  ];
  for (const host of bad) assert.equal(parseHost(host, domain), undefined, host);
});

test("a host that is made is read back", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{1,10}(-[a-z0-9]{1,5}){0,3}$/).filter((name) => name.length >= 3);
  fc.assert(
    fc.property(label, (endpoint) => {
      assert.deepEqual(parseHost(hostOf({ session, endpoint }, domain), domain), { session, endpoint });
    }),
  );
});

test("whatever the host is, nothing is thrown", () => {
  fc.assert(fc.property(fc.string(), (host) => void parseHost(host, domain)));
  fc.assert(fc.property(fc.string(), (prefix) => void parseHost(`${prefix}.${domain}`, domain)));
});
