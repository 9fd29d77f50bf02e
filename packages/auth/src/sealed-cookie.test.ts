import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generateCookieKey, type CookieKey } from "./cookie-key.ts";
import { COOKIE_LIFE_MS, CookieSealer, renewedCookie, type CookieClaims } from "./sealed-cookie.ts";

const claims: CookieClaims = {
  session: "sabcdefghijklmnopqrst",
  sessionUid: "uid-1",
  subject: "ada\u00e9\u{1f680}",
  tenant: "acme",
  keyId: "k1",
  authenticatedAtMs: 1_800_000_000_000,
  expiresAtMs: 1_800_000_900_000,
};

test("what one proxy seals, another with the same ring opens", () => {
  const ring = [generateCookieKey()];
  const value = new CookieSealer(() => ring).seal(claims);
  assert.match(value, /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
  assert.deepEqual(new CookieSealer(() => ring).open(value, claims.session), claims);
});

test("it opens for its session and purpose only", () => {
  const ring = [generateCookieKey()];
  const value = new CookieSealer(() => ring).seal(claims);
  assert.equal(new CookieSealer(() => ring).open(value, "sbcdefghijklmnopqrstu"), undefined);
  assert.equal(new CookieSealer(() => ring, "hop").open(value, claims.session), undefined);
});

test("a changed value never opens, whichever character was changed", () => {
  const ring = [generateCookieKey()];
  const sealer = new CookieSealer(() => ring);
  const value = sealer.seal(claims);
  const bytes = Buffer.from(value.slice(value.indexOf(".") + 1), "base64url");
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ change, index);
      assert.equal(sealer.open(`${ring[0]?.kid}.${changed.toString("base64url")}`, claims.session), undefined);
    }),
  );
  for (const spelling of [`${value}=`, `${value}!`, ` ${value}`, `${value}\n`]) {
    assert.equal(sealer.open(spelling, claims.session), undefined, "another spelling of the same bytes");
  }
  for (let length = 0; length < value.length; length++) {
    assert.equal(sealer.open(value.slice(0, length), claims.session), undefined, `cut to ${length}`);
  }
  fc.assert(fc.property(fc.string(), (text) => assert.equal(sealer.open(text, claims.session), undefined)));
});

test("rotation: the first key seals, the others still open, a withdrawn one does not", () => {
  let ring: readonly CookieKey[] = [generateCookieKey()];
  const sealer = new CookieSealer(() => ring);
  const old = sealer.seal(claims);
  const next = generateCookieKey();
  ring = [next, ...ring];
  assert.equal(sealer.seal(claims).startsWith(`${next.kid}.`), true);
  assert.deepEqual(sealer.open(old, claims.session), claims);
  ring = [next];
  assert.equal(sealer.open(old, claims.session), undefined);
});

test("two seals of the same claims differ", () => {
  const ring = [generateCookieKey()];
  const sealer = new CookieSealer(() => ring);
  assert.notEqual(sealer.seal(claims), sealer.seal(claims));
});

test("renewal: in the last third, never past the session, and the authentication time stays", () => {
  const bornMs = claims.expiresAtMs - COOKIE_LIFE_MS;
  const farMs = bornMs + 8 * 3_600_000;
  assert.equal(renewedCookie(claims, bornMs, farMs), undefined);
  assert.equal(renewedCookie(claims, bornMs + COOKIE_LIFE_MS * 0.66, farMs), undefined);
  const lateMs = bornMs + COOKIE_LIFE_MS * 0.67;
  assert.deepEqual(renewedCookie(claims, lateMs, farMs), { ...claims, expiresAtMs: lateMs + COOKIE_LIFE_MS });
  assert.equal(renewedCookie(claims, lateMs, claims.expiresAtMs + 1000)?.expiresAtMs, claims.expiresAtMs + 1000);
  assert.equal(
    renewedCookie(claims, lateMs, claims.expiresAtMs),
    undefined,
    "the session ends with it: nothing to gain",
  );
});
