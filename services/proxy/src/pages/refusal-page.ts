import type { EndReason } from "@carrel/api";
import type { Refusal } from "../request/decide.ts";
import { ENDED_TEXTS } from "./learner-texts.ts";
import type { PageContent } from "./page.ts";

/** What pages need to know besides the refusal. */
export interface PageContext {
  readonly requestId: string;
  /** Where a user gets a fresh link to the session; absent when the operator has named no place. */
  readonly loginUrl?: string;
}

const TITLES: Readonly<Record<Refusal["reason"], string>> = {
  signedOut: "You are signed out",
  forbidden: "This is somebody else’s desk",
  crossOrigin: "This request was stopped",
  notFound: "There is nothing here",
  ended: "This session has ended",
  starting: "Your desk is being prepared",
  limit: "Too many requests",
  podRefused: "Nothing answers here yet",
  podSilent: "No answer",
  podFailed: "The answer broke off",
  unavailable: "One moment, please",
  malformed: "This request cannot be read",
};

/** The page for a refusal. Pure. */
export function refusalPage(refusal: Refusal, context: PageContext): PageContent {
  const { reason, detail } = refusal;
  const facts = [
    { name: "Reason", value: detail === undefined ? reason : `${reason} (${detail})` },
    { name: "Request", value: context.requestId },
  ];
  return { tone: toneOf(reason), title: TITLES[reason], text: textOf(refusal), facts, ...actionOf(refusal, context) };
}

function toneOf(reason: Refusal["reason"]): PageContent["tone"] {
  return reason === "ended" || reason === "signedOut" || reason === "notFound" ? "note" : "warning";
}

function textOf({ reason, message, detail }: Refusal): string {
  switch (reason) {
    case "signedOut":
      return detail === "expired"
        ? "Your sign-in has run out. Open the session again from the place where you started it; your work is still there."
        : "Open the session from the place where you started it: the link there signs you in.";
    case "forbidden":
      return "You are signed in, but this session belongs to somebody else.";
    case "ended":
      return detail !== undefined && detail in ENDED_TEXTS
        ? `${ENDED_TEXTS[detail as EndReason]} Start a new one from the place where you started this one.`
        : "Start a new one from the place where you started this one.";
    case "notFound":
      return "There is no such session or endpoint. If it was there before, it has ended a while ago.";
    case "podRefused":
      return `${message} If you have just started a program, it may need a moment.`;
    default:
      return message;
  }
}

function actionOf({ reason }: Refusal, { loginUrl }: PageContext): Pick<PageContent, "action"> {
  switch (reason) {
    case "signedOut":
    case "forbidden":
    case "ended":
    case "notFound":
      return loginUrl === undefined ? {} : { action: { kind: "link", label: "Go there", href: loginUrl } };
    case "podRefused":
    case "podSilent":
    case "podFailed":
    case "unavailable":
    case "limit":
      return { action: { kind: "reload", label: "Try again" } };
    default:
      return {};
  }
}
