import { ApiError, matchesGlob, type Session, type SessionTemplate, type Tenant } from "@carrel/api";

/**
 * Refuses early a new session that the tenant may not have, before a record of it exists. The count is of this
 * replica's cache and of what it is creating, so it may be a little behind; who admits sessions counts exactly.
 *
 * @throws ApiError `FORBIDDEN`, `QUOTA`, or `NO_CAPACITY` when too many of the tenant's sessions wait already.
 */
export function assertTenantAllows(
  tenant: Tenant,
  template: SessionTemplate,
  userId: string,
  living: readonly Session[],
): void {
  const { spec } = tenant;
  const { name } = tenant.metadata;
  if (spec.suspended) throw new ApiError("FORBIDDEN", `tenant ${name} is suspended`);
  if (spec.templates !== undefined && !spec.templates.some((glob) => matchesGlob(glob, template.metadata.name)))
    throw new ApiError("FORBIDDEN", `tenant ${name} may not use template ${template.metadata.name}`);
  const profile = profilesOf(template).find((profile) => spec.profiles?.includes(profile) === false);
  if (profile !== undefined)
    throw new ApiError("FORBIDDEN", `tenant ${name} may not use profile ${profile}, which the template names`);

  const own = living.filter(
    (session) => session.spec.tenant === name && session.spec.end === undefined && session.status?.phase !== "Ended",
  );
  if (own.length >= spec.maxSessions)
    throw new ApiError("QUOTA", `tenant ${name} has ${own.length} sessions; its cap is ${spec.maxSessions}`);
  const users = own.filter((session) => session.spec.user.id === userId).length;
  if (users >= spec.maxSessionsPerUser && !spec.exemptUsers.includes(userId))
    throw new ApiError(
      "QUOTA",
      `user ${userId} has ${users} sessions; the cap per user is ${spec.maxSessionsPerUser}; end one first`,
    );
  const queued = own.filter((session) => session.status?.phase === "Queued").length;
  if (queued >= spec.maxQueued)
    throw new ApiError("NO_CAPACITY", `${queued} sessions of tenant ${name} wait for a place already`, {
      retryAfterMs: 10_000,
    });
}

function profilesOf({ spec }: SessionTemplate): string[] {
  return [
    spec.policy.profile,
    ...spec.namespaces.flatMap(({ policy }) => (policy === undefined ? [] : [policy.profile])),
  ];
}
