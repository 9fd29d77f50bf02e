import type { ReadyReason } from "@carrel/api";
import type { Route } from "../routing/route.ts";
import { PROGRESS_TEXTS } from "./learner-texts.ts";
import type { PageContent } from "./page.ts";

/** The page that a person sees while a session is starting. Pure. */
export function waitingPage(route: Route, requestId: string): PageContent {
  const current = route.phase === "Queued" ? 0 : route.phase === "Provisioning" ? 1 : 2;
  const labels = ["Waiting for a place", "Setting up your workspace", "Opening it"];
  return {
    tone: "waiting",
    title: "Your desk is being prepared",
    text: progressText(route),
    facts: [
      { name: "Session", value: route.session },
      { name: "Request", value: requestId },
    ],
    steps: labels.map((label, index) => ({
      label,
      state: index < current ? "done" : index === current ? "current" : "todo",
    })),
  };
}

/**
 * How far a start has come, for the one who waits. Only the place in the queue is told word for word: other messages
 * name nodes and images, which are the operator's business.
 */
export function progressText(route: Route): string {
  if (route.reason === "Queued" && route.message !== undefined && route.message !== "") return route.message;
  // Ready, and yet somebody waits: the pod has stopped answering.
  if (route.phase === "Ready") return PROGRESS_TEXTS.PodNotReady;
  return route.reason !== undefined && route.reason in PROGRESS_TEXTS
    ? PROGRESS_TEXTS[route.reason as ReadyReason]
    : PROGRESS_TEXTS.Creating;
}
