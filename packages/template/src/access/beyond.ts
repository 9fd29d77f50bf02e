import type { AccessRule } from "@carrel/api";

/** One right that a rule asks for. */
export interface Right {
  readonly verb: string;
  /** Resource, with its API group unless that is the core one, e.g. `deployments.apps`. */
  readonly resource: string;
  readonly name: string | undefined;
}

/**
 * What a rule asks for beyond others, right by right; none when they cover it. A rule that names no object is not
 * covered by one that names some.
 */
export function beyond(rule: AccessRule, allowed: readonly AccessRule[]): readonly Right[] {
  const { resourceNames = [] } = rule;
  // To the API server an empty list of names is none: the rule is about every object.
  const names: readonly (string | undefined)[] = resourceNames.length === 0 ? [undefined] : resourceNames;
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        names
          .filter((name) => !allowed.some((entry) => covers(entry, { group, resource, verb, name })))
          .map((name) => ({ verb, resource: group === "" ? resource : `${resource}.${group}`, name })),
      ),
    ),
  );
}

function covers(
  entry: AccessRule,
  right: {
    readonly group: string;
    readonly resource: string;
    readonly verb: string;
    readonly name: string | undefined;
  },
): boolean {
  if (!entry.apiGroups.includes(right.group) || !entry.resources.includes(right.resource)) return false;
  if (!entry.verbs.includes(right.verb)) return false;
  if (entry.resourceNames === undefined || entry.resourceNames.length === 0) return true;
  return right.name !== undefined && entry.resourceNames.includes(right.name);
}
