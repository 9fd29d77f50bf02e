import {
  API_VERSION,
  type ObjectMeta,
  type PolicyProfile,
  type PolicyProfileSpec,
  policyProfileSpecSchema,
} from "@carrel/api";
import { uniqueName } from "../control-plane/unique-name.ts";

/** A PolicyProfile of a unique name with the defaults, but for what is given. @throws ZodError for an invalid spec. */
export function aPolicyProfile(
  given: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: Partial<PolicyProfileSpec> } = {},
): PolicyProfile {
  return {
    apiVersion: API_VERSION,
    kind: "PolicyProfile",
    metadata: { name: uniqueName("profile"), ...given.metadata },
    spec: policyProfileSpecSchema.parse({ ...given.spec }),
  };
}
