import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PODS, RESOURCE_QUOTAS } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { applicationImages, readApplication } from "./support/applications.ts";
import { Examples, type Started } from "./support/examples.ts";

/** deploy/examples/applications/virtual-cluster.yaml: a control plane of the learner's own, inside quota and policy. */
let examples: Examples;

before(async () => {
  examples = await Examples.install();
  const images = await applicationImages(examples, ["virtual-cluster"]);
  await examples.applyText(await readApplication(examples, "virtual-cluster", images));
});
after(() => examples[Symbol.asyncDispose]());

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: lessons.school.example.com }
spec:
  group: school.example.com
  scope: Namespaced
  names: { plural: lessons, singular: lesson, kind: Lesson }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;
const LESSON = "apiVersion: school.example.com/v1\nkind: Lesson\nmetadata: { name: first, namespace: shop }\n";

describe("a cluster of the learner's own", () => {
  let started: Started;
  const inside = (): string => `${started.namespace}-control-plane`;
  const run = async (line: string, input = ""): Promise<string> => {
    const { code, output } = await started.desk.run(line, input);
    assert.equal(code, 0, output);
    return output;
  };

  test("kubectl is its administrator when the session is ready", async () => {
    started = await examples.start("virtual-cluster", "vera");
    assert.match(await run("kubectl auth whoami"), /Username\s+administrator/);
    assert.match(await run("kubectl auth can-i '*' '*' --all-namespaces"), /^yes/);
    await run("kubectl get --raw /readyz");
    assert.match(await run("kubectl get namespaces"), /kube-system/);
    assert.doesNotMatch(await run("kubectl get namespaces"), /carrel-system/, "another cluster than the session's");
  });

  test("namespaces, custom resources, roles and workloads are made there, and its controllers run", async () => {
    await run("kubectl create namespace shop");
    await run("kubectl apply -f -", CRD);
    await run("kubectl wait crd/lessons.school.example.com --for=condition=Established --timeout=30s");
    await run("kubectl apply -f -", LESSON);
    assert.match(await run("kubectl get lessons -A"), /shop\s+first/);
    await run("kubectl create clusterrolebinding everyone --clusterrole=view --group=system:authenticated");
    await run("kubectl -n shop create deployment web --image=none --replicas=2");
    await eventually(
      async () => assert.match(await run("kubectl -n shop get pods"), /(web-\S+\s+0\/1\s+Pending[^]*){2}/),
      { timeoutMs: 30_000, everyMs: 500 },
    );
    await run("kubectl delete namespace shop --timeout=60s");
  });

  test("outside, the session's rights and policy hold as ever", async () => {
    const outside = "kubectl --context session";
    assert.match(await run(`${outside} auth whoami`), /system:serviceaccount:w/);
    for (const [command, message] of [
      ["create namespace mine", /cannot create resource "namespaces"/],
      ["create configmap mine", /cannot create resource "configmaps"/],
      [`-n ${inside()} get pods`, /cannot list resource "pods"/],
      [`-n ${inside()} exec kubernetes-0 -- id`, /cannot get resource "pods"/],
    ] as const) {
      const { code, output } = await started.desk.run(`${outside} ${command}`);
      assert.notEqual(code, 0, output);
      assert.match(output, message);
    }
  });

  test("the control plane is a restricted pod that counts in the session's budget, and nothing of it is a pod outside", async () => {
    const { client } = examples.carrel;
    const { items: pods } = await client.list(PODS, { namespace: inside() });
    assert.deepEqual(
      pods.map(({ metadata }) => metadata.name),
      ["kubernetes-0"],
    );
    const { items } = await client.list(RESOURCE_QUOTAS, { namespace: inside() });
    const { hard = {}, used = {} } = items.find(({ metadata }) => metadata.name === "budget")?.status ?? {};
    assert.equal(used["limits.memory"], "1280Mi");
    assert.equal(used["limits.cpu"], "1");
    // 75 % of medium's 2 CPUs and 2Gi.
    assert.deepEqual([hard["limits.cpu"], hard["limits.memory"]], ["1500m", "1536Mi"]);
  });

  test("who is not its administrator gets nothing from it, not even in the session", async () => {
    const address = `https://kubernetes.${inside()}.svc`;
    const { output } = await started.desk.run(`curl -sk -w ' %{http_code}' ${address}/api/v1/namespaces`);
    assert.match(output, /"reason": "Forbidden"[^]*\} 403/);
    const { output: wrong } = await started.desk.run(
      `curl -sk -w ' %{http_code}' -H 'Authorization: Bearer x' ${address}/api/v1/namespaces`,
    );
    assert.match(wrong, /"reason": "Unauthorized"[^]*\} 401/);
    const checked = await started.desk.run(`curl -s --cacert /var/run/cluster/ca.crt ${address}/readyz`);
    assert.match(checked.output, /^ok/, "its certificate is that of its own authority");
  });

  test("at the end nothing is left", () => examples.end(started));
});
