import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RESOURCE_QUOTAS, SESSIONS } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { eventually } from "@carrel/testkit";
import { applicationImages, readApplication } from "./support/applications.ts";
import { Examples, type Started } from "./support/examples.ts";

/** deploy/examples/applications/containers.yaml: an engine for `docker`, as a pod that is not privileged. */
let examples: Examples;
let manifests: string;

before(async () => {
  examples = await Examples.install();
  const images = await applicationImages(examples, ["container-tools"]);
  manifests = await readApplication(examples, "containers", images);
  await examples.applyText(manifests);
});
after(() => examples[Symbol.asyncDispose]());

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "echo built in the session > /built"]
ENTRYPOINT ["/bin/busybox"]
`;

describe("containers in a session", () => {
  let started: Started;
  const engine = (): string => `${started.namespace}-engine`;
  const run = async (line: string, input = ""): Promise<string> => {
    const { code, output } = await started.desk.run(line, input);
    assert.equal(code, 0, output);
    return output;
  };

  test("docker build and docker run work from a restricted desk", async () => {
    started = await examples.start("containers", "dora");
    await run("mkdir lesson && cp /bin/busybox lesson && cat > lesson/Dockerfile", DOCKERFILE);
    await run("docker build -q -t hello lesson");
    assert.equal(await run("docker run --rm hello cat /built"), "built in the session\n");
    // Root of the container's own user namespace, and nobody outside of it.
    assert.equal(await run("docker run --rm hello id -u"), "0\n");
  });

  test("a container that goes on is reached from the desk, and its log is read", async () => {
    await run("docker run -d --name web hello httpd -f -v -p 8000 -h /");
    await eventually(
      async () =>
        assert.equal(await run(`curl -sf -m 5 http://engine.${engine()}.svc:8000/built`), "built in the session\n"),
      { timeoutMs: 20_000 },
    );
    assert.match(await run("docker logs web"), /response:200/);
    await run("docker rm -f -t 0 web");
  });

  test("even a privileged container is nobody on the node", async () => {
    const devices = await run("docker run --rm --privileged hello ls /dev");
    assert.doesNotMatch(devices, /^(sd|vd|nvme)/m);
    const mounted = await started.desk.run("docker run --rm --privileged hello mount -t sysfs none /sys");
    assert.notEqual(mounted.code, 0, "a new sysfs would show the node's");
  });

  test("the engine counts in the session's budget, and the learner has no rights over its pod", async () => {
    const { items } = await examples.carrel.client.list(RESOURCE_QUOTAS, { namespace: engine() });
    const { used = {} } = items.find(({ metadata }) => metadata.name === "budget")?.status ?? {};
    assert.deepEqual([used["pods"], used["limits.memory"]], ["1", "1Gi"]);
    const { code, output } = await started.desk.run(`kubectl -n ${engine()} get pods`);
    assert.notEqual(code, 0);
    assert.match(output, /cannot list resource "pods"/);
  });

  const escalating: [string, object, RegExp][] = [
    [
      "escalate",
      { containers: [{ securityContext: { allowPrivilegeEscalation: true } }] },
      /violates PodSecurity "restricted:latest": allowPrivilegeEscalation/,
    ],
    [
      "go without seccomp",
      { securityContext: { seccompProfile: { type: "Unconfined" } } },
      /violates PodSecurity "restricted:latest": seccompProfile/,
    ],
  ];
  for (const [what, spec, message] of escalating) {
    test(`what the engine's pod may, the learner's own pods may not: ${what}`, async () => {
      const [given = {}] = (spec as { containers?: object[] }).containers ?? [];
      const containers = [{ name: "mine", image: "x", ...given }];
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "mine" }, spec: { ...spec, containers } };
      const { code, output } = await started.desk.run("kubectl apply -f -", JSON.stringify(pod));
      assert.notEqual(code, 0);
      assert.match(output, message);
    });
  }

  test("at the end nothing is left", () => examples.end(started));
});

test("the same template without its profile: the session fails and names the rule, and nothing is left", async () => {
  const { backend, client } = examples.carrel;
  const restricted = manifests
    .split(/^---$/m)
    .at(-1)
    ?.replace("name: containers\n", "name: containers-restricted\n")
    .replace(", policy: { profile: containers }", "");
  await examples.applyText(restricted ?? "");
  const key = `containers-restricted-${Date.now()}`;
  const rule = /engine \(Deployment engine in w\w+-engine\).*\[pod-security\/\w+\]/;
  await eventually(
    async () => {
      const user = { id: "rob" };
      const refusal: unknown = await backend
        .createSession(
          { template: "containers-restricted", user },
          { idempotencyKey: key, deadlineMs: Date.now() + 60_000 },
        )
        .catch((error: unknown) => error);
      assert.ok(hasCode(refusal, "FAILED"), String(refusal));
      assert.match((refusal as Error).message, rule);
    },
    { timeoutMs: 70_000, everyMs: 500 },
  );
  const failed = await eventually(
    async () => {
      const found = await client.get(SESSIONS, backend.sessionNameOf(key));
      assert.equal(found.status?.phase, "Ended");
      return found;
    },
    { timeoutMs: 60_000, everyMs: 250 },
  );
  assert.match(failed.spec.end?.message ?? "", rule);
  await examples.assertNothingLeft(failed.spec.workspace);
});

test("a template that asks for more than a ceiling allows is refused when it is applied", async () => {
  const ceiling = {
    apiVersion: "carrel.dev/v1alpha1",
    kind: "PolicyProfile",
    metadata: { name: "baseline-ceiling" },
    spec: { ceiling: true, podSecurity: { level: "baseline" } },
  };
  await examples.applyText(JSON.stringify(ceiling));
  const template = manifests.split(/^---$/m).at(-1)?.replace("name: containers\n", "name: more\n") ?? "";
  // The webhook judges by the ceilings that its watch has seen.
  await eventually(
    async () => {
      const { code, output } = await examples.kubectl(["apply", "--dry-run=server", "-f", "-"], template);
      assert.notEqual(code, 0, output);
      assert.match(output, /\[profile-above-ceiling\] spec\.namespaces\[0\]\.policy\.profile.*at most baseline/);
    },
    { timeoutMs: 20_000, everyMs: 500 },
  );
});
