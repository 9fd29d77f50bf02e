import { evaluatePodSecurity } from "../pod-security/evaluate-pod-security.ts";
import type { PodSpec } from "../pod-security/pod-parts.ts";
import { mapAt } from "../review/json-object.ts";
import { effectiveProfile } from "./effective-profile.ts";
import { podRule } from "./pod-rule.ts";
import type { Finding } from "./rule.ts";

/**
 * The Pod Security Standard of the profile, for everybody's pods and pod templates. Nobody is exempt: a controller's
 * pods are a learner's wish, and neither a template's author nor an operator can widen what the profile says.
 */
export const podSecurity = podRule(
  "pod-security",
  ({ metadata, spec, prefix }, { facts }): readonly Finding[] => {
    const { level, version } = effectiveProfile(facts)?.podSecurity ?? { level: "restricted", version: "latest" };
    const pod = { metadata: { annotations: mapAt(metadata, "annotations") }, spec: spec as unknown as PodSpec };
    const verdict = evaluatePodSecurity(level, version, pod, prefix);
    return verdict.violations.flatMap(({ id, fields }) =>
      fields.map(({ path, subject, message }) => ({
        detail: id,
        path,
        subject,
        message: `${message}; policy ${level}:${version}`,
      })),
    );
  },
  ["learner", "author", "controller", "node", "scheduler", "carrel", "operator"],
);
