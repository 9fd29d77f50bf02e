import { stageOfObject } from "../../variables/stage-of.ts";
import { hasPool } from "../has-pool.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { podReferences } from "../pod-references.ts";

const PRIMARY = new Set([undefined, "$(session.namespace)", "$(namespaces.primary)"]);

/** Pods of spares that wait for what is made only when somebody takes them. */
export const sparePods: Check = ({ spec }) => {
  if (!hasPool(spec)) return [];
  const late = new Set(
    spec.objects
      .filter((object) => PRIMARY.has(object.template.metadata["namespace"] as string | undefined))
      .filter((object) => stageOfObject(object, spec) === "claim")
      .map(({ template: { kind, metadata } }) => `${kind} ${String(metadata["name"] as string | undefined)}`),
  );
  return podReferences(spec.workspace.template, "spec.workspace.template")
    .filter(({ kind, name }) => late.has(`${kind} ${name}`))
    .filter(({ optional, once }) => once || !optional)
    .map(({ kind, name, path, once }) => {
      const what = `the ${kind} ${name} is made when a user gets the session, but spec.pool starts the pod before`;
      const advice = once
        ? "and a running container never sees it; mount it as a volume with optional: true"
        : kind === "PersistentVolumeClaim"
          ? "which would wait for it; use no claim-time variables in it, or have no pool"
          : "which would wait for it; set optional: true";
      return errorAt("claim-object-in-pool", path, `${what}, ${advice}`);
    });
};
