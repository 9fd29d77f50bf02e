import { ApiError, ERROR_CODES, type ErrorCode, type ErrorView } from "@carrel/api";
import { headers, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import type { LogSink } from "./log-sink.ts";

/** What a request is answered with. */
export type Answer = { readonly body: object } | { readonly error: ErrorView };

/** How a request ended: `OK`, a code of the contract, or `LOST` when no answer could be sent. */
export type Outcome = "OK" | "LOST" | ErrorCode;

/** What a handler's error becomes for the caller: only an ApiError may speak for itself. */
export function errorAnswer(error: unknown): Answer {
  if (!(error instanceof ApiError)) {
    const message = "unexpected failure; the request id finds it in the logs";
    return { error: { code: "INTERNAL", message, retryable: true } };
  }
  const { code, message, retryable, retryAfterMs } = error;
  return { error: { code, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
}

/** An answer as it is sent: one JSON object, and the headers that ADR-32 asks for. @throws when it is no JSON. */
export function renderAnswer(
  requestId: string,
  answer: Answer,
): { readonly payload: string; readonly headers?: MsgHdrs } {
  if (!("error" in answer)) return { payload: JSON.stringify({ ...answer.body, ok: true, requestId }) };
  const payload = JSON.stringify({ ok: false, requestId, error: answer.error });
  return { payload, headers: serviceErrorHeaders(answer.error) };
}

/** Sends the answer of a request. Never throws. */
export function sendAnswer(message: Msg, requestId: string, answer: Answer, logger: LogSink): Outcome {
  const failed = "error" in answer;
  try {
    const { payload, ...options } = renderAnswer(requestId, answer);
    message.respond(payload, options);
    return failed ? answer.error.code : "OK";
  } catch (error) {
    logger.error({ err: error, requestId, subject: message.subject }, "the answer cannot be sent");
    // Too large, or not JSON: the caller must not wait for its time-out.
    return failed ? "LOST" : sendAnswer(message, requestId, errorAnswer(error), logger);
  }
}

/** ADR-32: tools such as `nats` show these. */
function serviceErrorHeaders(error: ErrorView): MsgHdrs {
  const result = headers();
  result.set("Nats-Service-Error", error.message.replace(/[\r\n]+/g, " "));
  result.set("Nats-Service-Error-Code", String(ERROR_CODES[error.code].http));
  return result;
}
