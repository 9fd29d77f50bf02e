import type { KubeObject, Namespace } from "@carrel/kube";

/** As many as a note names. */
const NAMED = 5;
/** A namespace that is being deleted for longer has something in it that does not go. */
export const NAMESPACE_STUCK_MS = 30_000;

/** Objects that are not gone, each with what holds it: `VirtualMachine vm in w1 (finalizers a, b)`. Pure. */
export function describeObjects(objects: readonly KubeObject[]): string {
  const named = objects.slice(0, NAMED).map(({ kind = "object", metadata }) => {
    const where = metadata.namespace === undefined ? "" : ` in ${metadata.namespace}`;
    const finalizers = metadata.finalizers ?? [];
    const held = finalizers.length === 0 ? "no finalizer" : `finalizers ${finalizers.join(", ")}`;
    return `${kind} ${metadata.name}${where} (${held})`;
  });
  const more = objects.length > NAMED ? `, and ${objects.length - NAMED} more` : "";
  return `${named.join(", ")}${more}`;
}

/**
 * What keeps a namespace that is being deleted, in the namespace controller's own words; undefined while it is not
 * late. Pure.
 */
export function namespaceBlocker({ metadata, status }: Namespace, nowMs: number): string | undefined {
  const since = Date.parse(metadata.deletionTimestamp ?? "");
  if (Number.isNaN(since) || nowMs - since < NAMESPACE_STUCK_MS) return undefined;
  const said = (status?.conditions ?? [])
    .filter((condition) => condition.status === "True" && condition.message !== undefined)
    .map(({ type, message = "" }) => `${type}: ${message}`);
  const why = said.length === 0 ? "the namespace controller has said nothing about it" : said.join("; ");
  return `namespace ${metadata.name}: ${why}`;
}
