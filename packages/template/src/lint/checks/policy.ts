import type { PolicyProfileSpec } from "@carrel/api";
import { errorAt, type Check } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";

/** Name of the profile that need not exist. */
const DEFAULT_PROFILE = "default";

/** Pod Security Standards, from most to least strict. */
const LEVELS = ["restricted", "baseline", "privileged"] as const;
type Level = (typeof LEVELS)[number];

interface NamedProfile {
  readonly profile: string;
  readonly path: string;
}

/**
 * Profiles that do not exist: a workspace whose policy is unknown could not create anything. And those whose Pod Security
 * level is looser than that of a ceiling.
 */
export const policy: Check = ({ spec, profiles, ceilings }) => {
  if (profiles === undefined) return [];
  const named: readonly NamedProfile[] = [
    { profile: spec.policy.profile, path: "spec.policy.profile" },
    ...spec.namespaces.flatMap(({ policy: own }, index) =>
      own === undefined ? [] : [{ profile: own.profile, path: `spec.namespaces[${index}].policy.profile` }],
    ),
  ];
  return named.flatMap((one) => {
    const found = profiles.get(one.profile);
    return found === undefined ? unknownProfile(one, profiles) : aboveCeiling(one, found, ceilings);
  });
};

function unknownProfile({ profile, path }: NamedProfile, profiles: ReadonlyMap<string, unknown>): readonly Problem[] {
  if (profile === DEFAULT_PROFILE) return [];
  const others = [...profiles.keys()].sort().join(", ");
  return [errorAt("unknown-profile", path, `there is no PolicyProfile ${profile}; there are ${others || "none"}`)];
}

function aboveCeiling(
  { profile, path }: NamedProfile,
  found: PolicyProfileSpec,
  ceilings: readonly PolicyProfileSpec[],
): readonly Problem[] {
  const level = levelOf(found);
  const most = ceilings.map(levelOf).reduce((a, b) => (LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b), "privileged");
  if (LEVELS.indexOf(level) <= LEVELS.indexOf(most)) return [];
  return [
    errorAt(
      "profile-above-ceiling",
      path,
      `${profile} has the Pod Security level ${level}, and a ceiling profile allows at most ${most}; an operator may raise podSecurity of each PolicyProfile with ceiling: true`,
    ),
  ];
}

/** As stored, a profile may lack what its author left out. */
function levelOf({ podSecurity }: Partial<PolicyProfileSpec>): Level {
  return podSecurity?.level ?? "restricted";
}
