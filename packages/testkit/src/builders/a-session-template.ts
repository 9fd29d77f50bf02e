import {
  API_VERSION,
  type ObjectMeta,
  type SessionTemplate,
  type SessionTemplateInput,
  type SessionTemplateSpec,
  sessionTemplateSpecSchema,
} from "@carrel/api";
import { uniqueName } from "../control-plane/unique-name.ts";

/**
 * A SessionTemplate of a unique name, with one container and the endpoint `main` on port 8080, but for what is given.
 * @throws ZodError for an invalid spec.
 */
export function aSessionTemplate(
  given: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: Partial<SessionTemplateInput> } = {},
): SessionTemplate {
  const spec = {
    workspace: { template: { spec: { containers: [{ name: "desk", image: "carrel/terminal:test" }] } } },
    endpoints: [{ name: "main", port: 8080 }],
    ...given.spec,
  };
  const parsed = sessionTemplateSpecSchema.parse(spec);
  return {
    apiVersion: API_VERSION,
    kind: "SessionTemplate",
    metadata: { name: uniqueName("template"), ...given.metadata },
    // The schema knows only the fields of a pod and of rules that Carrel reads; the API server keeps all of them.
    spec: {
      ...parsed,
      workspace: spec.workspace,
      network: { egress: [], ...given.spec?.network },
      objects: parsed.objects.map((object, index) => ({ ...object, template: spec.objects?.[index]?.template })),
    } as SessionTemplateSpec,
  };
}
