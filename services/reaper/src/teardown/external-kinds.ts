import type { TemplateObject, Workspace } from "@carrel/api";
import { DURATION_PATTERN, parseDurationMs } from "@carrel/std";

/** A kind whose objects need a living namespace to be finalised: a virtual machine, a claim on something outside. */
export interface ExternalKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** How long its objects may take, from the moment that the Workspace's deletion was asked for; an hour at most. */
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** However long a template says: what it holds is held from everybody else. */
const MAX_TIMEOUT_MS = 3_600_000;

/** The template is stored as it was given: what its author left out is not there. */
interface StoredTemplate {
  readonly objects?: readonly Partial<TemplateObject>[];
  readonly clusterRules?: readonly unknown[];
}

/**
 * The kinds that a Workspace's template declares `finalizedExternally`, each once, with the longest of their times.
 * Read leniently: a teardown must not fail on a template that today's schema would refuse. Pure.
 */
export function externalKinds({ spec }: Workspace): readonly ExternalKind[] {
  const stored: StoredTemplate = spec.template.spec;
  const kinds = new Map<string, ExternalKind>();
  for (const { template, finalizedExternally } of stored.objects ?? []) {
    if (template === undefined || finalizedExternally === undefined) continue;
    const { apiVersion, kind } = template;
    const key = `${apiVersion} ${kind}`;
    const timeoutMs = Math.max(kinds.get(key)?.timeoutMs ?? 0, timeoutOf(finalizedExternally));
    kinds.set(key, { apiVersion, kind, timeoutMs });
  }
  return [...kinds.values()];
}

/** What a Workspace may have brought along that no namespace holds. */
export interface BroughtKinds {
  /** Kinds of its template's objects, each once. Which of them are cluster-scoped, the API server knows. */
  readonly kinds: readonly { readonly apiVersion: string; readonly kind: string }[];
  /** It may have a ClusterRole and a ClusterRoleBinding of the learner's. */
  readonly clusterRules: boolean;
}

/** Read as leniently as {@link externalKinds}. Pure. */
export function broughtKinds({ spec }: Workspace): BroughtKinds {
  const stored: StoredTemplate = spec.template.spec;
  const kinds = new Map<string, { apiVersion: string; kind: string }>();
  for (const { template } of stored.objects ?? []) {
    if (template === undefined) continue;
    const { apiVersion, kind } = template;
    kinds.set(`${apiVersion} ${kind}`, { apiVersion, kind });
  }
  return { kinds: [...kinds.values()], clusterRules: (stored.clusterRules ?? []).length > 0 };
}

function timeoutOf({ timeout }: { readonly timeout?: string }): number {
  const known = timeout !== undefined && new RegExp(DURATION_PATTERN).test(timeout);
  return known ? Math.min(MAX_TIMEOUT_MS, parseDurationMs(timeout)) : DEFAULT_TIMEOUT_MS;
}
