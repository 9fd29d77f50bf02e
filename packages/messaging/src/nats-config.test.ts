import assert from "node:assert/strict";
import { test } from "node:test";
import { natsConfigSchema, natsSettings } from "./nats-config.ts";

test("credentials and TLS from a configuration", () => {
  assert.deepEqual(natsSettings(natsConfigSchema.parse(undefined)), { servers: ["nats://127.0.0.1:4222"] });
  const full = {
    servers: ["tls://a:4222"],
    user: "u",
    passwordFile: "/p",
    caFile: "/ca",
    certFile: "/c",
    keyFile: "/k",
  };
  assert.deepEqual(natsSettings(natsConfigSchema.parse(full)), {
    servers: ["tls://a:4222"],
    credentials: { user: "u", passwordFile: "/p" },
    tls: { caFile: "/ca", certFile: "/c", keyFile: "/k" },
  });
  assert.deepEqual(natsSettings(natsConfigSchema.parse({ nkeyFile: "/n" })).credentials, { nkeyFile: "/n" });
  assert.deepEqual(natsSettings(natsConfigSchema.parse({ credsFile: "/n" })).credentials, { credsFile: "/n" });
});

test("what does not fit together is refused", () => {
  const bad = [
    { user: "u" },
    { passwordFile: "/p" },
    { user: "u", passwordFile: "/p", credsFile: "/c" },
    { certFile: "/c" },
    { servers: [] },
    { servers: ["nats://user:secret@host:4222"] },
    { servers: ["http://host"] },
  ];
  for (const config of bad) assert.equal(natsConfigSchema.safeParse(config).success, false, JSON.stringify(config));
});
