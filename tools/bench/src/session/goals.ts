import type { SessionFigures } from "./session-figures.ts";

/** A promise of Carrel's, and whether the figures keep it. */
export interface Goal {
  readonly title: string;
  readonly found: number;
  readonly atMost: number;
  readonly reached: boolean;
}

/** The promises about one cold session on an idle cluster. Pure. */
export function sessionGoals({ ratio, stages, apiCalls, idleCalls, left }: SessionFigures): Goal[] {
  const goal = (title: string, found: number, atMost: number): Goal => ({
    title,
    found,
    atMost,
    reached: found <= atMost,
  });
  return [
    goal("cold ÷ floor", ratio, 1.25),
    goal("stages of calls until ready", stages, 5),
    goal("API calls in a life", apiCalls.total, 20),
    goal("API calls while idle", idleCalls, 0),
    goal("objects left", left, 0),
  ];
}
