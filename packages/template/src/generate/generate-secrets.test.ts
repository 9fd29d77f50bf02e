import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, createPublicKey, sign, verify, createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { generateSchema } from "@carrel/api";
import fc from "fast-check";
import { DEFAULT_ALPHABET, generateSecrets } from "./generate-secrets.ts";
import { parsePattern } from "./pattern.ts";
import { randomIndex, type RandomSource } from "./random-index.ts";

const spec = (fields: object) => generateSchema.parse({ name: "x", ...fields });

/** Hands out these bytes, in order. */
function scripted(bytes: readonly number[]): RandomSource {
  let at = 0;
  return (count) => {
    assert.ok(at + count <= bytes.length, "the script has run out");
    at += count;
    return Uint8Array.from(bytes.slice(at - count, at));
  };
}

test("a draw that would favour small numbers is thrown away", () => {
  // 65536 = 6553 × 10 + 6: 65530 to 65535 stand for nothing.
  assert.equal(randomIndex(10, scripted([255, 255, 255, 250, 255, 249])), 9);
  assert.equal(randomIndex(10, scripted([0, 13])), 3);
  assert.equal(randomIndex(16, scripted([255, 255])), 15);
  assert.equal(randomIndex(1, scripted([7, 7])), 0);
});

test("each character of an alphabet comes equally often over all draws", () => {
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 65_536; draw += 1) {
    // A discarded draw is followed by 0, 0; those are counted apart.
    let asked = 0;
    const index = randomIndex(56, () => {
      asked += 1;
      return asked === 1 ? Uint8Array.of(draw >> 8, draw & 255) : Uint8Array.of(0, 0);
    });
    if (asked === 1) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  assert.equal(counts.size, 56);
  assert.deepEqual([...new Set(counts.values())], [Math.floor(65_536 / 56)]);
});

test("password, hex and pattern: length and characters as asked, scripted to the character", () => {
  const zeros: RandomSource = (count) => new Uint8Array(count);
  assert.deepEqual(generateSecrets([spec({ type: "password", length: 8 })], zeros), { x: "aaaaaaaa" });
  assert.deepEqual(
    generateSecrets([spec({ type: "hex", length: 8 })], scripted(Array.from({ length: 16 }, (_, i) => (i % 2) * i))),
    {
      x: "13579bdf",
    },
  );
  assert.deepEqual(
    generateSecrets(
      [spec({ type: "pattern", pattern: "A[x-z]{2}\\-[0-9]" })],
      scripted([0, 0, 0, 2, 0, 1, 0, 0, 0, 9]),
    ),
    {
      x: "Azy-9",
    },
  );
  const made = generateSecrets([spec({ name: "p", type: "password" }), spec({ name: "h", type: "hex", length: 64 })]);
  assert.match(made["p"] ?? "", new RegExp(`^[${DEFAULT_ALPHABET}]{24}$`));
  assert.match(made["h"] ?? "", /^[0-9a-f]{64}$/);
});

test("an alphabet that names a character twice does not draw it more often", () => {
  assert.deepEqual(
    generateSecrets(
      [spec({ type: "password", length: 8, alphabet: "aaaaaaabcd" })],
      scripted(Array.from({ length: 16 }, (_, i) => i % 2)),
    ),
    {
      x: "bbbbbbbb",
    },
  );
});

test("the whole alphabet is used", () => {
  const { x = "" } = generateSecrets([spec({ type: "pattern", pattern: "[\\d\\-_a-c]{256}" })]);
  assert.equal(x.length, 256);
  const many = Array.from(
    { length: 40 },
    () => generateSecrets([spec({ type: "pattern", pattern: "[\\d\\-_a-c]{256}" })])["x"] ?? "",
  ).join("");
  assert.deepEqual([...new Set(many)].sort().join(""), "-0123456789_abc");
});

test("what comes out of a pattern matches it as a regular expression", () => {
  const literal = fc.constantFrom("a", "Z", "0", "-", "_", "\\.", "\\\\", "\\d", "\\w", "\\[", " ", "é");
  const set = fc.constantFrom("[a-z]", "[A-Z0-9]", "[_\\-.]", "[\\]x]", "[\\d\\-a-f]");
  const part = fc.tuple(fc.oneof(literal, set), fc.constantFrom("", "{3}", "{1}", "{12}")).map((pair) => pair.join(""));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const pattern = parts.join("");
      assert.match(
        generateSecrets([spec({ type: "pattern", pattern })])["x"] ?? "",
        new RegExp(`^(?:${pattern})$`, "v"),
      );
    }),
  );
});

const refusedPatterns: [string, RegExp][] = [
  ["a*", /\* must be written \\\*/],
  ["(a|b)", /\( must be written/],
  ["[^a]", /cannot be negated/],
  ["[]", /a class needs a character/],
  ["[abc", /in the middle of a class/],
  ["a\\", /in the middle of a class or an escape/],
  ["[z-a]", /from one character to a later one/],
  ["[a-\\d]", /from one character to a later one/],
  ["[\u0000-\uffff]", /more than 1024/],
  ["a{2,3}", /expected \{n\}/],
  ["a{257}", /257 characters; at most 256/],
  ["{3}", /\{ must be written/],
  ["a{0}", /brings out nothing/],
  ["\\s", /there is no \\s/],
];
for (const [pattern, message] of refusedPatterns) {
  test(`refuses the pattern ${JSON.stringify(pattern)}`, () => assert.throws(() => parsePattern(pattern), message));
}

test("any pattern is read or refused as INVALID", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (pattern) => {
      try {
        parsePattern(pattern);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "INVALID");
      }
    }),
  );
});

/** Reads an `openssh-key-v1` file as PROTOCOL.key of OpenSSH describes it. */
function readOpenSsh(file: string): {
  readonly type: string;
  readonly point: Buffer;
  readonly seed: Buffer;
  readonly comment: string;
} {
  let rest: Buffer = Buffer.from(file.split("\n").slice(1, -2).join(""), "base64");
  const take = (count: number): Buffer => {
    const taken = rest.subarray(0, count);
    assert.equal(taken.length, count);
    rest = rest.subarray(count);
    return taken;
  };
  const string = (): Buffer => take(take(4).readUInt32BE());
  assert.equal(take(15).toString(), "openssh-key-v1\0");
  assert.deepEqual([string(), string(), string()].map(String), ["none", "none", ""]);
  assert.equal(take(4).readUInt32BE(), 1);
  string();
  const secret = string();
  assert.equal(rest.length, 0);
  assert.equal(secret.length % 8, 0);
  rest = secret;
  assert.deepEqual(take(4), take(4));
  const [type, point, both, comment] = [string().toString(), string(), string(), string().toString()];
  assert.deepEqual(both.subarray(32), point);
  rest.forEach((byte, index) => assert.equal(byte, index + 1));
  return { type, point, seed: both.subarray(0, 32), comment };
}

test("sshKey: an OpenSSH private key and its authorized_keys line that belong together", () => {
  const made = generateSecrets([spec({ name: "key", type: "sshKey" })]);
  const [file = "", line = ""] = [made["key.private"], made["key.public"]];
  const { type, point, seed, comment } = readOpenSsh(file);
  assert.deepEqual([type, comment], ["ssh-ed25519", "key"]);
  assert.ok(file.split("\n").every((text) => text.length <= 70));
  assert.match(line, /^ssh-ed25519 [A-Za-z0-9+/]+=* key$/);
  assert.deepEqual(Buffer.from(line.split(" ")[1] ?? "", "base64").subarray(-32), point);
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") },
    format: "jwk",
  });
  const message = createHash("sha256").update("m").digest();
  assert.ok(verify(null, message, publicKey, sign(null, message, privateKey)));
  assert.notEqual(generateSecrets([spec({ name: "key", type: "sshKey" })])["key.private"], file);
});

const keygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;
test(
  "ssh-keygen reads the private key and names the same public one",
  { skip: !keygen && "no ssh-keygen here" },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "carrel-ssh-"));
    try {
      for (let round = 0; round < 4; round += 1) {
        // Comments of several lengths: each another padding.
        const name = "k".repeat(round * 2 + 1);
        const made = generateSecrets([spec({ name, type: "sshKey" })]);
        const file = join(folder, name);
        writeFileSync(file, made[`${name}.private`] ?? "", { mode: 0o600 });
        assert.equal(execFileSync("ssh-keygen", ["-y", "-f", file]).toString().trim(), made[`${name}.public`]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
