import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workspace } from "@carrel/api";
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  LIMIT_RANGES,
  NAMESPACES,
  NETWORK_POLICIES,
  PODS,
  POLICY_PROFILES,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
  type KubeClient,
  type KubeObject,
  type Resource,
} from "@carrel/kube";
import { aPolicyProfile, eventually, faults } from "@carrel/testkit";
import { workspaceBench, type WorkspaceBench } from "./testing/workspace-bench.ts";

const NODES = { apiGroups: [""], resources: ["nodes"], verbs: ["get"] };
const SPEC = {
  namespaces: [{ name: "db", role: "view" as const, rules: [NODES] }],
  clusterRules: [NODES],
  generate: [{ name: "key", type: "hex" as const }],
};

const INSIDE: readonly Resource[] = [
  LIMIT_RANGES,
  NETWORK_POLICIES,
  PODS,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
];

/** What there is of a workspace, as text that does not depend on its name: no object more, none less, none different. */
async function inventory(client: KubeClient, { metadata: { name, uid = "" } }: Workspace): Promise<string[]> {
  const labelSelector = `carrel.dev/workspace-uid=${uid}`;
  const lists = await Promise.all(
    [...INSIDE, NAMESPACES, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS].map(async (of) => ({
      of,
      items: (await client.list(of, { labelSelector })).items,
    })),
  );
  return lists
    .flatMap(({ of, items }) => items.map((object) => `${of.kind} ${JSON.stringify(plain(object))}`))
    .map((text) => text.replaceAll(name, "W").replaceAll(uid, "U"))
    .sort();
}

/** Without what the API server and its controllers add, and without random values. */
function plain({ metadata, ...object }: KubeObject): object {
  const { name, namespace = "", labels, ownerReferences } = metadata;
  const { status: _, data, spec, ...rest } = object as Record<string, unknown>;
  const session = "carrel.dev/session";
  const { [session]: __, ...stable } = labels ?? {};
  const podless =
    typeof spec === "object" && spec !== null && "volumes" in spec ? { ...spec, volumes: undefined } : spec;
  const containers = (podless as { containers?: readonly object[] } | undefined)?.containers;
  const mountless =
    containers === undefined
      ? podless
      : {
          ...(podless as object),
          containers: containers.map((container) => ({ ...container, volumeMounts: undefined })),
        };
  return {
    ...rest,
    name,
    namespace,
    labels: stable,
    owners: ownerReferences?.map((owner) => owner.uid),
    keys: Object.keys((data ?? {}) as object),
    spec: mountless,
  };
}

async function finish(bench: WorkspaceBench, workspace: Workspace): Promise<string[]> {
  await bench.reportReady(workspace.metadata.name);
  await bench.seen(workspace.metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
  return await inventory(bench.client, workspace);
}

test("killed after any of its calls, the next one ends up with exactly the same", { timeout: 600_000 }, async (t) => {
  const bench = await workspaceBench(t, [NODES]);
  await bench.client.create(
    POLICY_PROFILES,
    aPolicyProfile({ spec: { ceiling: true, maxRules: [NODES], maxClusterRules: [NODES] } }),
  );
  let expected: string[];
  {
    await using _ = await bench.start();
    bench.proxy.clearRequests();
    expected = await finish(bench, await bench.workspace(SPEC));
  }
  const creates = bench.proxy.count({ method: "POST" });
  assert.equal(creates, expected.length, "each object is one create");
  assert.equal(creates, 19);

  for (let last = 1; last <= creates; last++) {
    const workspace = await bench.workspace(SPEC);
    {
      // The last create arrives, and its answer is cut off; of what comes after it nothing arrives.
      const lost = bench.proxy.inject({ method: "POST", after: last - 1, times: 1 }, faults.cut(0));
      bench.proxy.inject({ method: "POST", after: last }, faults.reset());
      bench.proxy.inject({ method: "PATCH" }, faults.reset());
      await using _ = await bench.start();
      await eventually(() => assert.equal(lost.hits, 1), { timeoutMs: 20_000 });
    }
    bench.proxy.clear();
    await using _ = await bench.start();
    assert.deepEqual(await finish(bench, workspace), expected, `after ${last} creates`);
  }
});
