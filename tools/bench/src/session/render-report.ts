import { median } from "../statistics/percentile.ts";
import { sessionGoals } from "./goals.ts";
import { medianMilestones, type Round, type SessionFigures } from "./session-figures.ts";

/** What a report shows besides the figures. */
export interface ReportDetails {
  readonly rounds: readonly Round[];
  /** What is left, named. */
  readonly left: readonly string[];
  /** The machine's load average over a minute, before and after: figures of a busy machine are no figures. */
  readonly load: readonly [before: number, after: number];
  readonly cores: number;
}

/** The report for a person. Pure. */
export function renderReport(figures: SessionFigures, { rounds, left, load, cores }: ReportDetails): string {
  const [before, after] = load;
  const busy = before > 0.75 * cores ? "  (a busy machine: measure again when it is calm)" : "";
  const lines = [
    `session: ${figures.rounds} rounds; load ${before.toFixed(1)} before, ${after.toFixed(1)} after, ${cores} cores${busy}`,
    "",
    row("bare pod, p50", `${figures.floorMs.toFixed(0)} ms`, sorted(rounds.map(({ floorMs }) => floorMs))),
    row("cold session, p50", `${figures.coldMs.p50.toFixed(0)} ms`, sorted(rounds.map(({ coldMs }) => coldMs))),
    row("cold session, p99", `${figures.coldMs.p99.toFixed(0)} ms`),
    row(
      "means, cold ÷ floor",
      (mean(rounds.map(({ coldMs }) => coldMs)) / mean(rounds.map(({ floorMs }) => floorMs))).toFixed(3),
    ),
    row("of it before the pod's CREATE, p50", ownShare(rounds, "pod create sent", "start")),
    row("of it after the pod's Ready, p50", ownShare(rounds, "kubelet writes Ready", "end")),
    "",
    ...sessionGoals(figures).map(({ title, found, atMost, reached }) =>
      row(title, String(found), `goal ≤ ${atMost}: ${reached ? "reached" : "NOT REACHED"}`),
    ),
    ...left.map((object) => `      ${object}`),
    "",
    "API calls of one life (a status after it: refused)",
    ...Object.entries(figures.apiCalls.byService).flatMap(([service, kinds]) => [
      row(`  ${service}`, String(Object.values(kinds).reduce((sum, count) => sum + count, 0))),
      ...Object.entries(kinds).map(([kind, count]) => row(`    ${kind}`, String(count))),
    ]),
    "",
    "milestones, median ms since the request and since the bare pod's CREATE",
    ...milestoneRows(rounds),
  ];
  return `${lines.join("\n")}\n`;
}

/** All values: a median hides that a pod misses its first probe and waits a second for the next, or does not. */
function sorted(values: readonly number[]): string {
  return values
    .toSorted((a, b) => a - b)
    .map((value) => value.toFixed(0))
    .join(" ");
}

/** The mean of all rounds also has those in which the session missed the kubelet's look that the bare pod met. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Median time from the start to a milestone, or from it to the end: Carrel's own, whatever the pod does in between. */
function ownShare(rounds: readonly Round[], milestone: string, side: "start" | "end"): string {
  const shares = rounds.flatMap(({ coldMs, coldMilestones }) => {
    const at = coldMilestones[milestone];
    return at === undefined ? [] : [side === "start" ? at : coldMs - at];
  });
  return shares.length === 0 ? "unknown" : `${median(shares).toFixed(0)} ms`;
}

function milestoneRows(rounds: readonly Round[]): string[] {
  const floor = new Map(medianMilestones(rounds.map(({ floorMilestones }) => floorMilestones)));
  return medianMilestones(rounds.map(({ coldMilestones }) => coldMilestones)).map(([name, ms]) =>
    row(`  ${name}`, ms.toFixed(0), floor.get(name)?.toFixed(0).padStart(6)),
  );
}

function row(title: string, value: string, note = ""): string {
  return `${title.padEnd(36)} ${value.padStart(8)}  ${note}`.trimEnd();
}
