import fc from "fast-check";
import type { JsonObject } from "../review/json-object.ts";

/** Mostly absent, else one of these. */
function maybe<T>(...values: readonly T[]): fc.Arbitrary<T | undefined> {
  return seldom(fc.constantFrom(...values));
}

/** A pod with a little of everything would break every check at once, and would mostly be invalid. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function often<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 4 });
}

/** Mostly the first, so that many pods meet the restricted standard; else absent or one of the others. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, ...others) },
  );
}

const profile = maybe(
  { type: "RuntimeDefault" },
  { type: "Unconfined" },
  { type: "Localhost", localhostProfile: "profiles/a.json" },
);
const seLinuxOptions = maybe(
  { type: "container_t" },
  { type: "container_engine_t" },
  { type: "spc_t" },
  { user: "system_u" },
  { role: "system_r", type: "container_init_t" },
  { level: "s0" },
);
const common = {
  runAsNonRoot: mostly(true, false),
  runAsUser: maybe(0, 1000),
  seccompProfile: mostly<object>({ type: "RuntimeDefault" }, { type: "Unconfined" }),
  appArmorProfile: profile,
  seLinuxOptions,
};
const handler = maybe(
  { httpGet: { port: 80, host: "10.0.0.1" } },
  { httpGet: { port: 80 } },
  { tcpSocket: { port: 80, host: "metadata" } },
);
const container = fc.record({
  image: fc.constant("registry.example/app"),
  ports: maybe(
    [{ containerPort: 80 }],
    [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 81, hostPort: 9090 },
    ],
  ),
  livenessProbe: handler,
  readinessProbe: handler,
  lifecycle: maybe({ preStop: { httpGet: { port: 80, host: "b" } } }, { postStart: { exec: { command: ["true"] } } }),
  securityContext: often(
    fc.record({
      ...common,
      allowPrivilegeEscalation: mostly(false, true),
      privileged: maybe(true, false),
      procMount: maybe("Default", "Unmasked"),
      capabilities: mostly<object>(
        { drop: ["ALL"] },
        { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
        { add: ["CHOWN", "KILL"] },
        { add: ["NET_ADMIN", "SYS_TIME"], drop: ["all"] },
        {},
      ),
    }),
  ),
});
const volume = fc.constantFrom<JsonObject>(
  { emptyDir: {} },
  { hostPath: { path: "/etc" } },
  { nfs: { server: "a", path: "/" } },
  { configMap: { name: "a" } },
  { gitRepo: { repository: "https://example.com" } },
  { csi: { driver: "a.example" } },
  {},
);
const spec = fc.record({
  containers: fc.array(container, { minLength: 1, maxLength: 3 }),
  initContainers: fc.array(container, { maxLength: 2 }),
  volumes: fc.array(volume, { maxLength: 3 }),
  hostNetwork: maybe(true, false),
  hostPID: maybe(true, false),
  hostIPC: maybe(true, false),
  hostUsers: maybe(true, false),
  os: maybe({ name: "linux" }, { name: "windows" }),
  securityContext: often(
    fc.record({
      ...common,
      sysctls: maybe(
        [{ name: "kernel.shm_rmid_forced", value: "0" }],
        [
          { name: "net.ipv4.tcp_rmem", value: "1" },
          { name: "kernel.msgmax", value: "1" },
        ],
        [{ name: "net.ipv4.ip_local_reserved_ports", value: "1" }],
      ),
    }),
  ),
});

/** Any pod, good or bad in several ways at once; some of them the API server finds invalid. */
export const anyPod: fc.Arbitrary<JsonObject> = spec.map(({ containers, initContainers, volumes, ...rest }) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "any" },
  spec: {
    ...rest,
    containers: containers.map((one, index) => ({ ...one, name: `c${index}` })),
    // Probes and lifecycle are not for init containers that end.
    initContainers: initContainers.map((one, index) => ({
      ...one,
      livenessProbe: undefined,
      readinessProbe: undefined,
      lifecycle: undefined,
      name: `i${index}`,
    })),
    volumes: volumes.map((one, index) => ({ ...one, name: `v${index}` })),
  },
}));
