import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { generateCookieKey } from "./cookie-key.ts";
import {
  parseCookieKeys,
  parseJwks,
  parseSigningKeys,
  serialiseCookieKeys,
  serialiseJwks,
  serialiseSigningKeys,
} from "./key-documents.ts";
import { generateSigningKey, publicJwks } from "./signing-key.ts";

test("each document reads back as it was written", async () => {
  const keys = [await generateSigningKey(), await generateSigningKey("ES256")];
  assert.deepEqual(parseSigningKeys(serialiseSigningKeys(keys)), keys);
  assert.deepEqual(parseJwks(serialiseJwks(publicJwks(keys))), publicJwks(keys));
  const ring = [generateCookieKey(), generateCookieKey()];
  assert.deepEqual(parseCookieKeys(serialiseCookieKeys(ring)), ring);
});

test("a public document holds no private part, even when it was given one", async () => {
  const keys = [await generateSigningKey(), await generateSigningKey("ES256")];
  for (const text of [serialiseJwks({ keys }), JSON.stringify(parseJwks(serialiseSigningKeys(keys)))]) {
    assert.equal(text.includes('"d"'), false);
    for (const key of keys) assert.equal(text.includes(key.d), false);
  }
});

test("what cannot be used is refused without being repeated", async () => {
  const key = await generateSigningKey();
  const secret = generateCookieKey();
  const bad: [(text: string) => unknown, unknown][] = [
    [parseJwks, { keys: [] }],
    [parseJwks, { keys: [key, key] }],
    [parseJwks, { keys: Array.from({ length: 21 }, (_, index) => ({ ...key, kid: `k${index}` })) }],
    [parseJwks, { keys: [{ ...key, alg: "HS256" }] }],
    [parseJwks, { keys: [{ ...key, kty: "oct", k: "c2VjcmV0" }] }],
    [parseJwks, { keys: [{ ...key, use: "enc" }] }],
    [parseJwks, [key]],
    [parseSigningKeys, { keys: [{ ...key, d: undefined }] }],
    [parseCookieKeys, [{ ...secret, k: secret.k.slice(2) }]],
    [parseCookieKeys, [{ ...secret, kid: "a.b" }]],
    [parseCookieKeys, []],
  ];
  for (const [read, value] of bad) {
    assert.throws(
      () => read(JSON.stringify(value)),
      (error) => hasCode(error, "BAD_KEYS") && !error.message.includes(key.d) && !error.message.includes(secret.k),
      JSON.stringify(value),
    );
  }
  assert.throws(
    () => parseSigningKeys(`{"keys": [${key.d}`),
    (error) => hasCode(error, "BAD_KEYS") && error.cause === undefined && !error.message.includes(key.d),
  );
});
