import { errorAt, type Check } from "../lint-facts.ts";

/** Name of the profile that need not exist. */
const DEFAULT_PROFILE = "default";

/** Profiles that do not exist: a workspace whose policy is unknown could not create anything. */
export const policy: Check = ({ spec, profiles }) => {
  if (profiles === undefined) return [];
  const named = [
    { profile: spec.policy.profile, path: "spec.policy.profile" },
    ...spec.namespaces.map(({ policy: own }, index) => ({
      profile: own?.profile ?? DEFAULT_PROFILE,
      path: `spec.namespaces[${index}].policy.profile`,
    })),
  ];
  return named
    .filter(({ profile }) => profile !== DEFAULT_PROFILE && !profiles.has(profile))
    .map(({ profile, path }) => {
      const others = [...profiles.keys()].sort().join(", ");
      return errorAt("unknown-profile", path, `there is no PolicyProfile ${profile}; there are ${others || "none"}`);
    });
};
