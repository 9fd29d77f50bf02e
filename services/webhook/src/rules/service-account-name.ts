import { LEARNER_SERVICE_ACCOUNT } from "@carrel/api";
import { stringAt } from "../review/json-object.ts";
import { podRule } from "./pod-rule.ts";

const ALLOWED: readonly string[] = [LEARNER_SERVICE_ACCOUNT, "default"];

/** Pods run as the learner or as nobody in particular. */
export const serviceAccountName = podRule("service-account-name", ({ spec, prefix }) =>
  (["serviceAccountName", "serviceAccount"] as const).flatMap((field) => {
    const name = stringAt(spec, field) ?? "";
    if (name === "" || ALLOWED.includes(name)) return [];
    return [{ path: `${prefix}spec.${field}`, message: `must be one of ${ALLOWED.join(", ")}, is ${name}` }];
  }),
);
