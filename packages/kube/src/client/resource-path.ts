import { CarrelError } from "@carrel/std";
import type { Resource } from "./resource.ts";

/** What a path leads to: with a name an object, without a collection. */
export interface PathTarget {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  /** Without a namespace: all of them. Only lists, watches and cluster-scoped kinds. */
  readonly allNamespaces?: boolean;
}

/**
 * The path of a resource in the API, e.g. `/apis/apps/v1/namespaces/desk/deployments/web/status`. Pure.
 * @throws CarrelError `INVALID`: a namespaced kind without namespace, a cluster-scoped one with, or a name that would
 * lead elsewhere (`..`, `a/b`).
 */
export function resourcePath(of: Resource, target: PathTarget): string {
  const { namespace, name, subresource } = target;
  if (of.namespaced && namespace === undefined && target.allNamespaces !== true) {
    throw new CarrelError("INVALID", `${of.kind} is namespaced: say which namespace`);
  }
  if (!of.namespaced && namespace !== undefined) {
    throw new CarrelError("INVALID", `${of.kind} is cluster-scoped: it is in no namespace`);
  }
  const root = of.group === "" ? `/api/${of.version}` : `/apis/${of.group}/${of.version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${segment(namespace, "namespace")}`;
  const object = name === undefined ? "" : `/${segment(name, "name")}`;
  return `${root}${scope}/${of.plural}${object}${subresource === undefined ? "" : `/${subresource}`}`;
}

/** Kubernetes refuses the same: `IsValidPathSegmentName`. */
function segment(text: string, what: string): string {
  if (text === "" || text === "." || text === ".." || /[/%]/.test(text)) {
    throw new CarrelError("INVALID", `"${text}" cannot be a ${what}`);
  }
  return encodeURIComponent(text);
}
