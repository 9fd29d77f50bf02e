import assert from "node:assert/strict";
import { test } from "node:test";
import { CarrelError } from "@carrel/std";
import { createLogger } from "./pino-logger.ts";
import { redacted, redactText } from "./redact.ts";

const JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl";

function lines(
  write: (logger: ReturnType<typeof createLogger>) => void,
  level: "debug" | "info" = "info",
): Record<string, unknown>[] {
  const written: string[] = [];
  write(createLogger({ service: "test", level, destination: { write: (line: string) => void written.push(line) } }));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("texts lose tokens, user info and bearer credentials and keep the rest", () => {
  assert.equal(redactText("GET /a?x=1&carrel_token=abc.def&y=2#f"), "GET /a?x=1&carrel_token=[redacted]&y=2#f");
  assert.equal(
    redactText("nats://user:pw@host:4222 and https://h/p@x"),
    "nats://[redacted]@host:4222 and https://h/p@x",
  );
  assert.equal(redactText(`got ${JWT}!`), "got [redacted]!");
  assert.equal(redactText("Authorization: Bearer abcdefgh123"), "Authorization: Bearer [redacted]");
  assert.equal(redactText("the bearer of news"), "the bearer of news");
});

test("values of secret keys are gone at any depth, whatever their case", () => {
  const value = redacted({
    Authorization: "x",
    "proxy-authorization": "x",
    cookie: ["a"],
    "set-cookie": "x",
    accessToken: "x",
    exchange_token: "x",
    deep: [{ password: { a: 1 } }],
    tokenTtlMs: 5,
    token: true,
    secretName: "ok",
    keys: ["k"],
    user: { id: "u" },
  });
  assert.deepEqual(value, {
    Authorization: "[redacted]",
    "proxy-authorization": "[redacted]",
    cookie: "[redacted]",
    "set-cookie": "[redacted]",
    accessToken: "[redacted]",
    exchange_token: "[redacted]",
    deep: [{ password: "[redacted]" }],
    tokenTtlMs: 5,
    token: true,
    secretName: "ok",
    keys: ["k"],
    user: { id: "u" },
  });
});

test("cycles and odd values end somewhere", () => {
  const loop: Record<string, unknown> = {
    big: 1n,
    bytes: new Uint8Array(3),
    when: new Date(Number.NaN),
    map: new Map([["token", "x"]]),
  };
  loop["self"] = loop;
  assert.doesNotThrow(() => JSON.stringify(redacted(loop)));
  assert.match(
    JSON.stringify(redacted(loop)),
    /"big":"1","bytes":"\[3 bytes\]","when":"invalid date","map":\{"token":"\[redacted\]"\}/,
  );
});

test("a log line has the fixed keys and no secret, in fields, child fields, message or error", () => {
  const cause = Object.assign(new Error("503 for https://a:b@h/"), { response: { body: "everything" } });
  const error = new CarrelError("BROKEN", `cannot use ${JWT}`, { cause, retryable: true });
  const [line] = lines((logger) =>
    logger.child({ session: "s1", token: "t" }).error({ err: error, url: "/?carrel_token=zz" }, "request failed"),
  );
  assert.deepEqual(Object.keys(line ?? {}), ["level", "time", "service", "session", "token", "err", "url", "msg"]);
  assert.equal(line?.["level"], "error");
  assert.equal(line["msg"], "request failed");
  assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT.*Z$/);
  const err = line["err"] as Record<string, unknown>;
  assert.equal(err["type"], "CarrelError");
  assert.equal(err["code"], "BROKEN");
  assert.deepEqual(err["cause"], { type: "Error", message: "503 for https://[redacted]@h/" });
  assert.match(String(err["stack"]), /redact\.test/);
  for (const secret of [JWT, "everything", "a:b", "zz", '"t"'])
    assert.ok(!JSON.stringify(line).includes(secret), secret);
});

test("the level hides what is less important", () => {
  const write = (logger: ReturnType<typeof createLogger>): void => {
    logger.debug({}, "d");
    logger.info({}, "i");
  };
  assert.deepEqual(
    lines(write).map((line) => line["msg"]),
    ["i"],
  );
  assert.deepEqual(
    lines(write, "debug").map((line) => line["msg"]),
    ["d", "i"],
  );
});
