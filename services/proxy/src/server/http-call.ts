import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "../request/decide.ts";
import { refusalAnswer, type Answer, type AnswerContext } from "./answer.ts";
import type { Attempt } from "./attempt.ts";
import type { ProxyContext } from "./proxy-context.ts";

export interface HttpCallOptions {
  readonly context: ProxyContext;
  readonly attempt: Attempt;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Writes an answer of ours and counts it under the reason. */
  readonly answer: (answer: Answer, reason: string) => void;
}

/** One HTTP request whose form is good and whose host names a session, with the means to answer it. */
export class HttpCall {
  readonly context: ProxyContext;
  readonly attempt: Attempt;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly answer: (answer: Answer, reason: string) => void;

  constructor(options: HttpCallOptions) {
    this.context = options.context;
    this.attempt = options.attempt;
    this.request = options.request;
    this.response = options.response;
    this.requestId = options.requestId;
    this.answer = options.answer;
  }

  get answers(): AnswerContext {
    return { ...this.context, requestId: this.requestId };
  }

  refuse(refusal: Refusal): void {
    this.answer(refusalAnswer(refusal, this.attempt.head.kind, this.answers), refusal.reason);
  }
}
