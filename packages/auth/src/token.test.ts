import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { hasCode, type Clock } from "@carrel/std";
import { importJWK, SignJWT, type JWTPayload } from "jose";
import { mintToken, type TokenRequest } from "./mint-token.ts";
import { looksLikeCarrelToken } from "./read-token.ts";
import { generateSigningKey, publicJwks, type Jwks, type SigningKey } from "./signing-key.ts";
import { TokenRefused, type TokenRefusal } from "./token-refused.ts";
import { TokenVerifier } from "./token-verifier.ts";

const session = "sabcdefghijklmnopqrst";
const issuer = "https://carrel.example";
const start = 1_800_000_000_000;

class TestClock implements Clock {
  nowMs = start;
  now = (): number => this.nowMs;
  monotonic = (): number => this.nowMs;
  sleep = (): Promise<void> => Promise.reject(new Error("nothing here sleeps"));
}

async function setUp(alg: "EdDSA" | "ES256" = "EdDSA") {
  const clock = new TestClock();
  const key = await generateSigningKey(alg);
  let keys: Jwks = publicJwks([key]);
  const verifier = new TokenVerifier({ keys: () => keys, issuer, clock, cacheSize: 4 });
  const mint = (change: Partial<TokenRequest> = {}) =>
    mintToken(key, {
      use: "session",
      issuer,
      session,
      sessionUid: "uid-1",
      subject: "ada",
      tenant: "acme",
      ttlMs: 60_000,
      clock,
      ...change,
    });
  const publish = (next: Jwks): void => void (keys = next);
  return { clock, key, verifier, mint, publish };
}

/** A token with exactly this header and these claims, signed by the key. */
async function forge(key: SigningKey, header: Record<string, unknown>, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "carrel-session+jwt", ...header })
    .sign(await importJWK({ ...key }, key.alg), { crit: { exp2: true } });
}

const claims = (change: Record<string, unknown> = {}): JWTPayload => ({
  iss: issuer,
  aud: session,
  sub: "ada",
  tenant: "acme",
  suid: "uid-1",
  jti: randomUUID(),
  iat: start / 1000,
  exp: start / 1000 + 60,
  ...change,
});

const refused = (reason: TokenRefusal) => (error: unknown) =>
  error instanceof TokenRefused && error.reason === reason && hasCode(error, "UNAUTHENTICATED");

for (const alg of ["EdDSA", "ES256"] as const) {
  test(`${alg}: a minted token verifies and says what was asked for`, async () => {
    const { verifier, mint, key } = await setUp(alg);
    const { tokenId, ...rest } = await verifier.verify(await mint(), { use: "session", session });
    assert.match(tokenId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      use: "session",
      issuer,
      session,
      sessionUid: "uid-1",
      subject: "ada",
      tenant: "acme",
      issuedAtMs: start,
      notBeforeMs: start,
      expiresAtMs: start + 60_000,
      keyId: key.kid,
    });
  });
}

test("uses are never interchangeable, nor are sessions", async () => {
  const { verifier, mint } = await setUp();
  await assert.rejects(verifier.verify(await mint({ use: "exchange" }), { use: "session", session }), refused("typ"));
  await assert.rejects(verifier.verify(await mint(), { use: "exchange", session }), refused("typ"));
  const token = await mint();
  await verifier.verify(token, { use: "session", session });
  await assert.rejects(
    verifier.verify(token, { use: "session", session: "sother" }),
    refused("audience"),
    "also when it is remembered",
  );
});

test("life: bounded when minted and when verified, with a leeway of 5 s", async () => {
  const { verifier, mint, key, clock } = await setUp();
  for (const [use, ttlMs] of [
    ["session", 900_001],
    ["exchange", 60_001],
    ["session", 999],
    ["session", Number.NaN],
  ] as const) {
    await assert.rejects(mint({ use, ttlMs }), (error) => hasCode(error, "INVALID"));
  }
  const long = await forge(key, {}, claims({ exp: start / 1000 + 901 }));
  await assert.rejects(verifier.verify(long, { use: "session", session }), refused("lifetime"));
  const token = await mint();
  clock.nowMs = start + 64_999;
  await verifier.verify(token, { use: "session", session });
  clock.nowMs = start + 65_000;
  await assert.rejects(verifier.verify(token, { use: "session", session }), refused("expired"));
  clock.nowMs = start - 5001;
  await assert.rejects(verifier.verify(token, { use: "session", session }), refused("notYetValid"));
});

test("header attacks", async () => {
  const { verifier, key } = await setUp();
  const other = await generateSigningKey();
  const publicX = publicJwks([key]).keys[0]?.x ?? "";
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = (header: object) => `${encode(header)}.${encode(claims())}`;
  const hs256 = unsigned({ alg: "HS256", kid: key.kid, typ: "carrel-session+jwt" });
  const rs256 = unsigned({ alg: "RS256", kid: key.kid, typ: "carrel-session+jwt" });
  const mac = createHmac("sha256", Buffer.from(publicX, "base64url")).update(hs256).digest("base64url");
  const good = await forge(key, {}, claims());
  const [head, body] = good.split(".");
  const cases: [string, TokenRefusal, string][] = [
    ["alg none", "algorithm", `${unsigned({ alg: "none", kid: key.kid, typ: "carrel-session+jwt" })}.AA`],
    ["alg none, no signature", "malformed", `${unsigned({ alg: "none", kid: key.kid, typ: "carrel-session+jwt" })}.`],
    ["HS256 with the public key", "algorithm", `${hs256}.${mac}`],
    ["RS256", "algorithm", `${rs256}.AAAA`],
    ["ES256 on an EdDSA key", "algorithm", `${unsigned({ alg: "ES256", kid: key.kid, typ: "carrel-session+jwt" })}.AA`],
    ["no kid", "unknownKey", await forge(key, { kid: undefined }, claims())],
    ["a foreign key under our kid", "signature", await forge({ ...other, kid: key.kid }, {}, claims())],
    ["a foreign key", "unknownKey", await forge(other, {}, claims())],
    [
      "an embedded key",
      "signature",
      await forge({ ...other, kid: key.kid }, { jwk: publicJwks([other]).keys[0] }, claims()),
    ],
    ["a key by URL", "unknownKey", await forge(other, { jku: "https://evil.example/jwks.json" }, claims())],
    ["crit", "crit", await forge(key, { crit: ["exp2"], exp2: true }, claims())],
    ["no typ", "typ", await forge(key, { typ: undefined }, claims())],
    ["typ JWT", "typ", await forge(key, { typ: "JWT" }, claims())],
    ["changed body", "signature", `${head}.${encode(claims({ sub: "eve" }))}.${good.split(".")[2]}`],
    ["cut signature", "signature", `${head}.${body}.${good.split(".")[2]?.slice(0, 20)}`],
    ["two parts", "malformed", `${head}.${body}`],
    ["not base64url", "malformed", `${head}=.${body}.AA`],
    ["empty", "malformed", ""],
    ["oversized", "oversized", await forge(key, {}, claims({ pad: "x".repeat(3000) }))],
  ];
  for (const [name, reason, token] of cases) {
    await assert.rejects(verifier.verify(token, { use: "session", session }), refused(reason), name);
  }
  await verifier.verify(good, { use: "session", session });
});

test("claims: each is required and has one form", async () => {
  const { verifier, key } = await setUp();
  const cases: [TokenRefusal, Record<string, unknown>][] = [
    ["issuer", { iss: "https://carrel.example/" }],
    ["claims", { iss: undefined }],
    ["claims", { aud: [session] }],
    ["claims", { aud: undefined }],
    ["audience", { aud: "sother" }],
    ["claims", { sub: undefined }],
    ["claims", { sub: 7 }],
    ["claims", { tenant: "" }],
    ["claims", { suid: undefined }],
    ["claims", { jti: undefined }],
    ["claims", { iat: undefined }],
    ["claims", { exp: undefined }],
    ["claims", { exp: String(start) }],
    ["lifetime", { iat: start / 1000, exp: start / 1000 - 1 }],
    ["notYetValid", { nbf: start / 1000 + 30 }],
    ["notYetValid", { iat: start / 1000 + 6, exp: start / 1000 + 60 }],
  ];
  for (const [reason, change] of cases) {
    const token = await forge(key, {}, claims(change));
    await assert.rejects(verifier.verify(token, { use: "session", session }), refused(reason), JSON.stringify(change));
  }
});

test("verified tokens are remembered, in a bounded number, until the keys change", async () => {
  const { verifier, mint, key, publish } = await setUp();
  const tokens = await Promise.all(Array.from({ length: 6 }, () => mint()));
  for (const token of tokens) await verifier.verify(token, { use: "session", session });
  assert.equal(verifier.remembered, 4);
  await verifier.verify(await mint({ use: "exchange" }), { use: "exchange", session });
  assert.equal(verifier.remembered, 4, "exchange tokens come once");
  const next = await generateSigningKey();
  publish(publicJwks([next, key]));
  await verifier.verify(tokens[5] ?? "", { use: "session", session });
  assert.equal(verifier.remembered, 1, "flushed");
  publish(publicJwks([next]));
  assert.equal(verifier.knowsKey(key.kid), false);
  await assert.rejects(verifier.verify(tokens[5] ?? "", { use: "session", session }), refused("unknownKey"));
});

test("a key withdrawn while a signature is being checked does not let the token in", async () => {
  const { verifier, mint, publish } = await setUp();
  const token = await mint();
  const next = publicJwks([await generateSigningKey()]);
  const pending = verifier.verify(token, { use: "session", session });
  publish(next);
  await assert.rejects(pending, refused("unknownKey"));
});

test("a refusal repeats nothing of the token", async () => {
  const { verifier, mint } = await setUp();
  const token = `${(await mint()).slice(0, -6)}AAAAAA`;
  const error = await verifier.verify(token, { use: "session", session }).then(
    () => assert.fail("it was let in"),
    (refusal: unknown) => refusal as TokenRefused,
  );
  assert.equal(`${error.message}${JSON.stringify(error)}${error.stack}`.includes(token.slice(0, 30)), false);
});

test("what calls itself a token of Carrel is told from foreign bearer values", async () => {
  const { mint, key } = await setUp();
  assert.equal(looksLikeCarrelToken(await mint()), true);
  assert.equal(looksLikeCarrelToken(await mint({ use: "exchange" })), true);
  assert.equal(looksLikeCarrelToken(`${(await mint()).split(".")[0]}.tampered`), true);
  assert.equal(looksLikeCarrelToken(await forge(key, { typ: "at+jwt" }, claims())), false);
  for (const foreign of ["", "abc", "a.b.c", "ghp_abcdef", "."]) assert.equal(looksLikeCarrelToken(foreign), false);
});
