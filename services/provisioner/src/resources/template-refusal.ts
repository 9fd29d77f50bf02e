import type { PolicyProfile } from "@carrel/api";
import { lintTemplate, type LintedTemplate } from "@carrel/template";

/**
 * Everything that is wrong with a template by the profiles that there are, in one text, or `undefined` when sessions
 * can be made of it. Pure.
 *
 * @param values names of the operator's constants; undefined: not known, any passes.
 */
export function templateRefusal(
  template: LintedTemplate,
  profiles: readonly PolicyProfile[],
  values?: readonly string[],
): string | undefined {
  const byName = new Map(profiles.map(({ metadata, spec }) => [metadata.name, spec]));
  const ceilings = [...byName.values()].filter(({ ceiling }) => ceiling);
  const errors = lintTemplate(template, { ceilings, profiles: byName, values }).filter(
    ({ severity }) => severity === "error",
  );
  if (errors.length === 0) return undefined;
  return errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
}
