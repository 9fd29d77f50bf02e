import { createPrivateKey, type KeyObject } from "node:crypto";
import type { RandomSource } from "./random-index.ts";

/** An SSH key pair as files hold it. */
export interface SshKey {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, without passphrase. */
  readonly private: string;
  /** `ssh-ed25519 AAAA… comment`, one line of `authorized_keys`, without line end. */
  readonly public: string;
}

const TYPE = "ssh-ed25519";
/** RFC 8410: what stands before the 32 bytes of an Ed25519 seed in PKCS #8. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
/** RFC 4716 and ssh-keygen break the base64 at 70 characters. */
const LINE = 70;
/** Cipher "none" pads to blocks of 8. */
const BLOCK = 8;

/** A new Ed25519 key pair in the format `openssh-key-v1` (PROTOCOL.key of OpenSSH), not encrypted. */
export function generateSshKey(comment: string, random: RandomSource): SshKey {
  const seed = Buffer.from(random(32));
  const point = publicPoint(
    createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" }),
  );
  const publicBlob = Buffer.concat([lengthed(TYPE), lengthed(point)]);
  const check = Buffer.from(random(4));
  const secret = padded(
    Buffer.concat([check, check, publicBlob, lengthed(Buffer.concat([seed, point])), lengthed(comment)]),
  );
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    lengthed("none"),
    lengthed("none"),
    lengthed(""),
    uint32(1),
    lengthed(publicBlob),
    lengthed(secret),
  ]);
  const lines = file.toString("base64").match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return {
    private: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`,
    public: `${TYPE} ${publicBlob.toString("base64")} ${comment}`,
  };
}

function publicPoint(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** RFC 4251 `string`. */
function lengthed(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** With the bytes 1, 2, 3 … up to a whole block. */
function padded(bytes: Buffer): Buffer {
  const missing = (BLOCK - (bytes.length % BLOCK)) % BLOCK;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
