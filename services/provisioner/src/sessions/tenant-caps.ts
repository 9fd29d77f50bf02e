import { ApiError, type Session, type SessionTemplate, type Tenant } from "@carrel/api";

/**
 * Refuses a new session that the tenant may not have. The count is of this replica's cache and of what it is creating:
 * two replicas at the cap may both let one through; `docs/architecture.md` says what bounds that.
 *
 * @throws ApiError `FORBIDDEN` or `QUOTA`.
 */
export function assertTenantAllows(
  tenant: Tenant,
  template: SessionTemplate,
  userId: string,
  living: readonly Session[],
): void {
  const { spec } = tenant;
  if (spec.suspended) throw new ApiError("FORBIDDEN", `tenant ${tenant.metadata.name} is suspended`);
  if (spec.templates !== undefined && !spec.templates.includes(template.metadata.name)) {
    throw new ApiError("FORBIDDEN", `tenant ${tenant.metadata.name} may not use template ${template.metadata.name}`);
  }
  const own = living.filter(
    (session) => session.spec.tenant === tenant.metadata.name && session.status?.phase !== "Ended",
  );
  if (own.length >= spec.maxSessions) {
    throw new ApiError(
      "QUOTA",
      `tenant ${tenant.metadata.name} has ${own.length} sessions; its cap is ${spec.maxSessions}`,
    );
  }
  const users = own.filter((session) => session.spec.user.id === userId).length;
  if (users >= spec.maxSessionsPerUser) {
    throw new ApiError(
      "QUOTA",
      `user ${userId} has ${users} sessions; the cap per user is ${spec.maxSessionsPerUser}; end one first`,
    );
  }
}
