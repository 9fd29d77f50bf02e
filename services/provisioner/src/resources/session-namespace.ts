import {
  namespaceName,
  type AccessRule,
  type Limits,
  type PolicyProfileSpec,
  type Role,
  type SessionTemplateSpec,
} from "@carrel/api";
import { type Amounts, budgetOf } from "@carrel/template";
import { splitBudget } from "./split-budget.ts";

/** A namespace of a session, as its template wants it. */
export interface SessionNamespace {
  /** Its short name in the template; the primary one is `primary`. */
  readonly alias: string;
  readonly name: string;
  /** The desk is here. */
  readonly primary: boolean;
  readonly role: Role;
  readonly rules: readonly AccessRule[];
  readonly profile: PolicyProfileSpec;
  readonly limits: Limits | undefined;
  /**
   * Its part of the session's budget, by quota key. What is decided when the namespace is made; whoever moves slack
   * between namespaces later plans the same quotas with other parts.
   */
  readonly part: Amounts;
}

/** What templates call the primary namespace. */
export const PRIMARY_ALIAS = "primary";

/**
 * The namespaces of a workspace, the primary one first. Pure.
 *
 * @param profileOf gives a profile by name; throws for one that does not exist.
 * @throws CarrelError `INVALID` when the shares of the namespaces leave nothing to the primary one.
 */
export function sessionNamespaces(
  workspace: string,
  template: SessionTemplateSpec,
  profileOf: (name: string) => PolicyProfileSpec,
): readonly [SessionNamespace, ...SessionNamespace[]] {
  const parts = splitBudget(
    budgetOf(template).hard,
    template.namespaces.map(({ share }) => share),
  );
  const additional = template.namespaces.map((namespace, index) => ({
    alias: namespace.name,
    name: namespaceName(workspace, namespace.name),
    primary: false,
    role: namespace.role ?? template.role,
    rules: namespace.rules,
    profile: profileOf(namespace.policy?.profile ?? template.policy.profile),
    limits: namespace.limits,
    part: parts[index + 1] ?? {},
  }));
  const primary = {
    alias: PRIMARY_ALIAS,
    name: namespaceName(workspace),
    primary: true,
    role: template.role,
    rules: template.rules,
    profile: profileOf(template.policy.profile),
    limits: template.limits,
    part: parts[0] ?? {},
  };
  return [primary, ...additional];
}
