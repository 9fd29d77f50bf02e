import type { Decision } from "../decision/decision.ts";
import { wordRefusals } from "../decision/wording.ts";
import type { AddOperation } from "../mutate/json-patch.ts";
import { REVIEW_FAILURES, type ReviewFailureCode } from "./review-failure.ts";

interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly patchType?: "JSONPatch";
  /** Base64. */
  readonly patch?: string;
}

function review(response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
}

/** The answer that tells a decision. A refusal without a code would reach its user as 400 without a reason. */
export function decisionAnswer(uid: string, decision: Decision): string {
  const { warnings, auditAnnotations } = decision;
  return review({
    uid,
    allowed: decision.allowed,
    ...(decision.allowed
      ? {}
      : { status: { code: 403, reason: "Forbidden", message: wordRefusals(decision.refusals) } }),
    ...(warnings.length === 0 ? {} : { warnings }),
    auditAnnotations,
  });
}

/** The answer of the mutating step: allowed, with a patch if there is one. */
export function patchAnswer(uid: string, patch: readonly AddOperation[]): string {
  if (patch.length === 0) return review({ uid, allowed: true });
  const text = Buffer.from(JSON.stringify(patch), "utf8").toString("base64");
  return review({ uid, allowed: true, patchType: "JSONPatch", patch: text });
}

/** The answer when there was no decision: refused, with the code that finds the cause in the logs. */
export function failureAnswer(uid: string, code: ReviewFailureCode, message: string): string {
  const { http, reason } = REVIEW_FAILURES[code];
  return review({
    uid,
    allowed: false,
    status: { code: http, reason, message: `[${code}] ${message}` },
    auditAnnotations: { rule: code },
  });
}

const UID = /"uid"\s*:\s*"([^"\\]{1,128})"/;
/** The API server writes the uid within the first hundred bytes. */
const UID_WITHIN = 2048;

/** The uid of a review that is not, or cannot be, parsed; undefined when its beginning has none. */
export function scanUid(body: Buffer): string | undefined {
  return UID.exec(body.toString("latin1", 0, Math.min(body.length, UID_WITHIN)))?.[1];
}
