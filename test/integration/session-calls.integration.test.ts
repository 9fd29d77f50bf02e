import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { sessionName } from "@carrel/api";
import { SESSIONS } from "@carrel/kube";
import { startServicesBehindProxy, type ServicesBehindProxy, type SessionServices } from "@carrel/servicekit";
import { eventually, faults, type FaultProxy } from "@carrel/testkit";

const PATIENCE = { timeoutMs: 60_000, everyMs: 50 };

let behind: ServicesBehindProxy;
let proxy: FaultProxy;
let services: SessionServices;
before(async () => {
  behind = await startServicesBehindProxy();
  ({ services, proxy } = behind);
});
afterEach(() => proxy.clear());
after(() => behind[Symbol.asyncDispose]());

/** The provisioner's calls by method and resource, but for watches and its lease. */
function calls(): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { method, path } of proxy.requests({ watch: false, path: /^(?!.*\/leases)/ })) {
    const parts = path.replace(/^\/(api\/v1|apis\/[^/]+\/[^/]+)\//, "").split("/");
    const [resource, , subresource] = parts[0] === "namespaces" && parts.length > 2 ? parts.slice(2) : parts;
    const key = `${method} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
    counted[key] = (counted[key] ?? 0) + 1;
  }
  return counted;
}

test("a plain session is thirteen calls until it is ready, and one more to its end", async () => {
  const template = await services.template();
  // A template that is newer than the cache costs a look at it.
  await services.create({ template, user: { id: "first" } });
  proxy.clearRequests();
  const { session } = await services.create({ template, user: { id: "ada" } });
  assert.equal(session.state, "ready");
  await services.ask("end", { session: session.name });
  await eventually(async () => {
    assert.equal((await services.client.get(SESSIONS, session.name)).status?.phase, "Ended");
  }, PATIENCE);
  assert.deepEqual(calls(), {
    "POST sessions": 1,
    "POST workspaces": 1,
    "POST namespaces": 1,
    "POST serviceaccounts": 1,
    "POST resourcequotas": 3,
    "POST limitranges": 1,
    "POST networkpolicies": 1,
    "POST pods": 1,
    "POST rolebindings": 1,
    "PATCH workspaces/status": 1,
    "PATCH sessions/status": 1,
    "PATCH sessions": 1,
  });
});

test("the Session is Ready although the answer about its Workspace has not come", async () => {
  const template = await services.template();
  const held = proxy.inject({ method: "PATCH", path: /\/workspaces\/[^/]+\/status$/ }, faults.blackHole());
  const key = randomUUID();
  await services.create({ template, user: { id: "bob" } }, key);
  assert.ok(held.hits > 0);
  const session = await services.client.get(SESSIONS, sessionName("acme", key));
  assert.equal(session.status?.phase, "Ready");
});
