import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "./config.ts";
import { shellEnvironment } from "./shell/shell-environment.ts";

test("an empty environment gives the defaults", () => {
  assert.deepEqual(readConfig({ PORT: "" }), {
    port: 8080,
    maxTerminals: 8,
    maxSockets: 32,
    scrollbackBytes: 262_144,
    detachedTtlMs: 14_400_000,
  });
});

test("every bad variable is named", () => {
  assert.throws(
    () =>
      readConfig({ PORT: "tcp://10.0.0.1:80", CARREL_TERMINAL_MAX_TERMINALS: "0", CARREL_TERMINAL_MAX_SOCKETS: "9" }),
    (error: Error & { code?: string }) =>
      error.code === "CONFIG_INVALID" && /PORT.*MAX_TERMINALS/.test(error.message) && !/SOCKETS/.test(error.message),
  );
});

test("a shell gets the environment without what is the server's own", () => {
  const env = shellEnvironment(
    {
      PATH: "/bin",
      LANG: "de_DE.UTF-8",
      PORT: "8080",
      NODE_OPTIONS: "--x",
      CARREL_TERMINAL_MAX_SOCKETS: "1",
      KUBERNETES_SERVICE_HOST: "10.96.0.1",
      TERM: "dumb",
      LINES: "3",
    },
    "/home/learner",
    "/bin/bash",
  );
  assert.deepEqual(env, {
    PATH: "/bin",
    LANG: "de_DE.UTF-8",
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    HOME: "/home/learner",
    PWD: "/home/learner",
    SHELL: "/bin/bash",
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
  });
});
