import { API_VERSION, type ObjectMeta, type Tenant, type TenantSpec, tenantSpecSchema } from "@carrel/api";
import { uniqueName } from "../control-plane/unique-name.ts";

/** A Tenant of a unique name with the defaults, but for what is given. @throws ZodError for an invalid spec. */
export function aTenant(
  given: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: Partial<TenantSpec> } = {},
): Tenant {
  return {
    apiVersion: API_VERSION,
    kind: "Tenant",
    metadata: { name: uniqueName("tenant"), ...given.metadata },
    spec: tenantSpecSchema.parse({ ...given.spec }),
  };
}
