import { isBadRequest, isInvalid } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { isDenied } from "../controllers/is-denied.ts";

/** Why an object of a template will never be there. */
export interface ObjectRefusal {
  readonly reason: "ObjectsFailed" | "NameTaken";
  readonly message: string;
}

/**
 * What an error about an object means when trying again cannot help: a policy's no, an object that breaks its schema, a
 * name that is taken. Undefined when it may: a conflict, an overloaded or absent API server or webhook, a kind that is
 * not served yet, a quota that is used up (the session's budget moves between its namespaces) or not counted yet. Pure.
 */
export function refusalOfObject(error: unknown): ObjectRefusal | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (hasCode(error, "NAME_TAKEN")) return { reason: "NameTaken", message };
  if (isDenied(error) || isInvalid(error) || isBadRequest(error) || hasCode(error, "INVALID")) {
    return { reason: "ObjectsFailed", message };
  }
  return undefined;
}
