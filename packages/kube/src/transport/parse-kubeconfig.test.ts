import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { hasCode } from "@carrel/std";
import type { ClusterConfig } from "./cluster-config.ts";
import { parseKubeconfig } from "./parse-kubeconfig.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const encoded = Buffer.from(PEM).toString("base64");

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
}

function render(parts: Parts): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    contexts: [
      { name: "other", context: { cluster: "nowhere", user: "nobody" } },
      { name: "here", context: { cluster: "c", user: "u", ...parts.context } },
    ],
    clusters: [{ name: "c", cluster: { server: "https://10.0.0.1:6443", ...parts.cluster } }],
    users: [{ name: "u", user: { ...parts.user } }],
  });
}

function parse(parts: Parts): ClusterConfig {
  return parseKubeconfig(render(parts), { directory: "/etc/kube" });
}

test("certificates as data", () => {
  const config = parse({
    cluster: { "certificate-authority-data": encoded, "tls-server-name": "kubernetes" },
    user: { "client-certificate-data": encoded, "client-key-data": encoded },
    context: { namespace: "desk" },
  });
  assert.deepEqual(config, {
    server: "https://10.0.0.1:6443",
    tlsServerName: "kubernetes",
    ca: { value: PEM },
    clientCertificate: { value: PEM },
    clientKey: { value: PEM },
    token: undefined,
    namespace: "desk",
  });
});

test("files are relative to the kubeconfig", () => {
  const config = parse({
    cluster: { "certificate-authority": "../ca.crt" },
    user: { "client-certificate": "u.crt", "client-key": "/keys/u.key", tokenFile: "token" },
  });
  assert.deepEqual(
    [config.ca, config.clientCertificate, config.clientKey, config.token],
    [{ file: "/etc/ca.crt" }, { file: "/etc/kube/u.crt" }, { file: "/keys/u.key" }, { file: "/etc/kube/token" }],
  );
  assert.equal(config.namespace, "default");
});

test("data wins over files, a token file over a token, as in kubectl", () => {
  const config = parse({
    cluster: { "certificate-authority": "ca.crt", "certificate-authority-data": encoded },
    user: { token: "old", tokenFile: "/token" },
  });
  assert.deepEqual([config.ca, config.token], [{ value: PEM }, { file: "/token" }]);
});

test("JSON is YAML; a server may have a path, and loses its trailing slash", () => {
  const text = JSON.stringify({
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "c", user: "" } }],
    clusters: [{ name: "c", cluster: { server: "https://rancher.example/k8s/clusters/c1/" } }],
  });
  const config = parseKubeconfig(text, { directory: "/" });
  assert.equal(config.server, "https://rancher.example/k8s/clusters/c1");
});

test("what would be ignored is refused, by its name", () => {
  const refused: readonly (readonly [Parts, RegExp])[] = [
    [{ cluster: { "insecure-skip-tls-verify": true } }, /insecure-skip-tls-verify/],
    [{ cluster: { "proxy-url": "http://proxy" } }, /proxy-url/],
    [{ user: { exec: { command: "aws" } } }, /uses exec/],
    [{ user: { "auth-provider": {} } }, /auth-provider/],
    [{ user: { username: "admin", password: "hunter2" } }, /username/],
    [{ user: { as: "root" } }, /uses as/],
    [{ user: { "client-certificate": "u.crt" } }, /both client-certificate and client-key/],
    [
      { user: { "client-key-data": "bm90IHBlbQ==", "client-certificate": "x" } },
      /client-key-data is not base64 of PEM/,
    ],
    [{ cluster: { server: "http://10.0.0.1" }, user: { token: "t" } }, /https only/],
    [{ cluster: { server: "10.0.0.1:6443" } }, /not an http\(s\) URL/],
    [{ cluster: { server: "https://u:hunter2@10.0.0.1" } }, /not an http\(s\) URL/],
  ];
  for (const [parts, message] of refused) {
    assert.throws(
      () => parse(parts),
      (error: Error) =>
        hasCode(error, "KUBE_CONFIG") && message.test(error.message) && !error.message.includes("hunter2"),
      String(message),
    );
  }
});

test("a broken kubeconfig is named as such, and never quoted", () => {
  const broken: readonly (readonly [string, RegExp])[] = [
    ["", /not a mapping/],
    ["[]", /not a mapping/],
    ["{}", /no current-context/],
    ["current-context: x", /no context named "x"/],
    ["a: [hunter2", /not valid YAML/],
    [render({}).replace("name: u\n", "name: v\n"), /no user named "u"/],
    [render({}).replace("name: c\n", "name: d\n"), /no cluster named "c"/],
  ];
  for (const [text, message] of broken) {
    assert.throws(
      () => parseKubeconfig(text, { directory: "/" }),
      (error: Error) => hasCode(error, "KUBE_CONFIG") && message.test(error.message) && !/hunter2/.test(error.message),
      String(message),
    );
  }
});

test("another context can be named", () => {
  assert.throws(() => parseKubeconfig(render({}), { directory: "/", context: "other" }), /no cluster named "nowhere"/);
});
