import { z } from "zod";

/** What a learner may do in a namespace; `none` gives nothing but what `rules` say. From most to least. */
export const ROLES = ["admin", "edit", "view", "none"] as const;
export const roleSchema = z.enum(ROLES);
export type Role = (typeof ROLES)[number];

const strings = (length: number) => z.array(z.string().min(1).max(length)).min(1).max(32);

/** A rule of a Role (`rbac.authorization.k8s.io/v1` PolicyRule) beyond the named role; never wider than the ceiling. */
export const accessRuleSchema = z
  .object({
    apiGroups: z.array(z.string().max(253)).min(1).max(32),
    resources: strings(127),
    verbs: strings(32),
    resourceNames: z.array(z.string().min(1).max(253)).max(32).optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!('*' in self.apiGroups) && !('*' in self.resources) && !('*' in self.verbs)",
        message: "* is not allowed: name what the lesson needs",
      },
      {
        rule: "!self.verbs.exists(v, v in ['escalate', 'bind', 'impersonate'])",
        message: "escalate, bind and impersonate are never given to a learner",
      },
    ],
  });
export type AccessRule = z.infer<typeof accessRuleSchema>;

/** The policy that a namespace's objects must meet. */
export const policyChoiceSchema = z
  .object({ profile: z.string().max(63).default("default") })
  .default({ profile: "default" });
