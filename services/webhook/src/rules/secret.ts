import { stringAt } from "../review/json-object.ts";
import type { Finding, ObjectRule } from "./rule.ts";

const TOKEN = "kubernetes.io/service-account-token";

/** No Secret makes the control plane write a token into it that never expires. */
export const secret: ObjectRule = {
  id: "secret",
  actors: ["learner", "author"],
  check(object, { request }): readonly Finding[] {
    if (request.kind.group !== "" || request.kind.kind !== "Secret" || stringAt(object, "type") !== TOKEN) return [];
    return [{ path: "type", message: `must not be ${TOKEN}; use kubectl create token` }];
  },
};
