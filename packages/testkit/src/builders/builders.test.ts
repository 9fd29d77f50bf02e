import assert from "node:assert/strict";
import { test } from "node:test";
import {
  policyProfileSpecSchema,
  SESSION_NAME_PATTERN,
  sessionSpecSchema,
  sessionTemplateSpecSchema,
  templateOf,
  tenantSpecSchema,
  workspaceSpecSchema,
} from "@carrel/api";
import { aPolicyProfile } from "./a-policy-profile.ts";
import { aSessionTemplate } from "./a-session-template.ts";
import { aSession } from "./a-session.ts";
import { aTenant } from "./a-tenant.ts";
import { aWorkspace } from "./a-workspace.ts";
import { stored } from "./stored.ts";

test("each is valid as it comes, and no two have the same name", () => {
  const built = [
    [aTenant, tenantSpecSchema],
    [aPolicyProfile, policyProfileSpecSchema],
    [aSessionTemplate, sessionTemplateSpecSchema],
    [aSession, sessionSpecSchema],
    [aWorkspace, workspaceSpecSchema],
  ] as const;
  for (const [build, schema] of built) {
    const [first, second] = [build(), build()];
    assert.equal(schema.safeParse(first.spec).success, true, first.kind);
    assert.notEqual(first.metadata.name, second.metadata.name);
  }
});

test("what is given stays, what is not comes from the defaults", () => {
  const nowMs = Date.UTC(2030, 0, 1);
  const session = aSession({
    nowMs,
    spec: { tenant: "globex", user: { id: "bob" } },
    status: { phase: "Ready" },
    metadata: { finalizers: ["x/y"] },
  });
  assert.match(session.metadata.name, new RegExp(SESSION_NAME_PATTERN));
  assert.deepEqual(session.metadata.finalizers, ["x/y"]);
  assert.deepEqual([session.spec.tenant, session.spec.user, session.status?.phase], ["globex", { id: "bob" }, "Ready"]);
  assert.equal(session.spec.expiresAt, "2030-01-01T01:00:00Z");

  const pod = { spec: { containers: [{ name: "x", image: "i", securityContext: { privileged: true } }] } };
  const template = aSessionTemplate({ spec: { workspace: { template: pod }, budget: "large" } });
  assert.deepEqual(template.spec.workspace.template, pod);
  assert.deepEqual([template.spec.budget, template.spec.lifetime.duration], ["large", "1h"]);
});

test("an invalid object is refused", () => {
  assert.throws(() => aTenant({ spec: { maxSessions: -1 } }), /maxSessions/);
  assert.throws(() => aSessionTemplate({ spec: { endpoints: [] } }), /endpoints/);
});

test("a workspace that is held names its session, and keeps its template", () => {
  const session = stored(aSession());
  const template = { name: "t", uid: "u", generation: 3, spec: aSessionTemplate({ spec: { title: "T" } }).spec };
  const workspace = aWorkspace({ session, spec: { template } });
  assert.equal(workspace.metadata.name, session.spec.workspace);
  assert.deepEqual(workspace.spec.session, { name: session.metadata.name, uid: session.metadata.uid });
  assert.equal(workspace.spec.tenant, session.spec.tenant);
  assert.equal(templateOf(workspace.spec).title, "T");
  assert.throws(() => aWorkspace({ session: aSession() }), /has no UID/);
});

test("stored adds what the API server adds, and keeps what is there", () => {
  const { metadata } = stored(aTenant({ metadata: { uid: "mine" } }), 0);
  assert.equal(metadata.uid, "mine");
  assert.equal(metadata.creationTimestamp, "1970-01-01T00:00:00Z");
  assert.match(metadata.resourceVersion ?? "", /^\d+$/);
  assert.equal(metadata.generation, 1);
});
