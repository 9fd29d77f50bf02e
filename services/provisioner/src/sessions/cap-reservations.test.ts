import assert from "node:assert/strict";
import { test } from "node:test";
import { aSession, aSessionTemplate, aTenant } from "@carrel/testkit";
import { CapReservations } from "./cap-reservations.ts";
import { assertTenantAllows } from "./tenant-caps.ts";

test("creates that arrive together cannot pass the cap together", () => {
  const tenant = aTenant({ metadata: { name: "acme" }, spec: { maxSessions: 1, maxSessionsPerUser: 1 } });
  const template = aSessionTemplate();
  const reservations = new CapReservations();
  const admit = (session: ReturnType<typeof aSession>): Disposable => {
    assertTenantAllows(tenant, template, session.spec.user.id, reservations.countedWith([]));
    return reservations.reserve(session);
  };
  const first = aSession({ spec: { tenant: "acme" } });
  const place = admit(first);
  assert.throws(() => admit(aSession({ spec: { tenant: "acme" } })), /its cap is 1/);
  assert.equal(reservations.countedWith([first]).length, 1, "a session in the cache is not counted twice");
  place[Symbol.dispose]();
  admit(aSession({ spec: { tenant: "acme" } }));
});
