import assert from "node:assert/strict";
import { test } from "node:test";
import { DEV_SERVICES, type DevService } from "./dev-services.ts";
import { serviceEnvironment, usesNats } from "./service-environment.ts";

const service = (name: DevService["name"]): DevService =>
  DEV_SERVICES.find((candidate) => candidate.name === name) ?? assert.fail(name);
const shared = {
  addresses: { hostAddress: "10.213.0.1", nodeAddress: "10.213.0.2" },
  namespace: "carrel-system",
  kubernetesAddress: "10.96.0.1",
  nats: "nats://10.213.0.2:30422",
  kubeconfigPath: "/dev/kubeconfig",
};

test("what the chart configured stays, what is different outside of a pod is replaced", () => {
  const container = [
    { name: "CARREL_LOG_LEVEL", value: "debug" },
    { name: "CARREL_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
    { name: "CARREL_DOMAIN", value: "carrel.localhost" },
    { name: "CARREL_KUBERNETES_SERVICE_ADDRESS", value: "$(KUBERNETES_SERVICE_HOST)" },
    { name: "CARREL_NATS_SERVERS", value: "nats://carrel-nats.carrel-system.svc:4222" },
    { name: "CARREL_NATS_USER", value: "provisioner" },
    { name: "CARREL_NATS_PASSWORD_FILE", value: "/etc/carrel/nats/provisioner" },
  ];
  assert.equal(usesNats(container), true);
  const environment = serviceEnvironment({
    ...shared,
    service: service("provisioner"),
    container,
    natsPasswordPath: "/dev/password",
  });
  assert.deepEqual(environment, {
    CARREL_LOG_LEVEL: "debug",
    CARREL_DOMAIN: "carrel.localhost",
    CARREL_KUBERNETES_SERVICE_ADDRESS: "10.96.0.1",
    CARREL_NAMESPACE: "carrel-system",
    CARREL_IDENTITY: "dev-provisioner",
    CARREL_KUBECONFIG: "/dev/kubeconfig",
    CARREL_NATS_SERVERS: "nats://10.213.0.2:30422",
    CARREL_NATS_USER: "provisioner",
    CARREL_NATS_PASSWORD_FILE: "/dev/password",
    CARREL_PROBES_HOST: "127.0.0.1",
    CARREL_PROBES_PORT: "18181",
    CARREL_SHUTDOWN_TIMEOUT_MS: "5000",
  });
});

test("the API server reaches the webhook on this machine, the proxy reaches pods from the node", () => {
  const environment = (name: DevService["name"]) =>
    serviceEnvironment({ ...shared, service: service(name), container: [], natsPasswordPath: undefined });
  const webhook = environment("webhook");
  assert.deepEqual([webhook["CARREL_HOST"], webhook["CARREL_PORT"]], ["10.213.0.1", "18443"]);
  const proxy = environment("proxy");
  assert.deepEqual([proxy["CARREL_LISTEN_HOST"], proxy["CARREL_PROBES_HOST"]], ["10.213.0.2", "10.213.0.2"]);
  assert.equal("CARREL_NATS_SERVERS" in proxy, false);
});

test("no two services share a port", () => {
  const ports = DEV_SERVICES.flatMap(({ probesPort, serves }) => [probesPort, serves?.port ?? probesPort + 100_000]);
  assert.equal(new Set(ports).size, ports.length);
});
