import type { ReadyReason } from "@carrel/api";
import { isInvalid, isNamespaceTerminating, TerminalError } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { isDenied } from "../is-denied.ts";

/**
 * What an error of a create call means when trying again cannot help: the reason for the Ready condition, or
 * `undefined` when it may (no answer, conflict, a quota that is not counted yet, a webhook that is away).
 */
export function refusalOf(error: unknown): { readonly reason: ReadyReason; readonly message: string } | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (hasCode(error, "NAME_TAKEN")) return { reason: "NameTaken", message };
  if (isNamespaceTerminating(error) || isInvalid(error)) return { reason: "ObjectRefused", message };
  if (isDenied(error)) return { reason: "ObjectRefused", message };
  if (error instanceof TerminalError || hasCode(error, "INVALID")) return { reason: "ObjectRefused", message };
  return undefined;
}
