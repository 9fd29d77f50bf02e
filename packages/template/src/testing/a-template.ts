import { sessionTemplateSpecSchema, type SessionTemplateSpec } from "@carrel/api";
import type { LintedTemplate } from "../lint/lint-template.ts";

/** A small template as the API server would hand it out, with the fields given as an author writes them. */
export function aTemplate(fields: Readonly<Record<string, unknown>> = {}): LintedTemplate {
  const spec = sessionTemplateSpecSchema.parse({
    workspace: { template: { spec: { containers: [{ name: "main", image: "registry.example.com/desk:1" }] } } },
    endpoints: [{ name: "main", port: 8080 }],
    ...fields,
  });
  return { metadata: { name: "lesson" }, spec: spec as unknown as SessionTemplateSpec };
}
