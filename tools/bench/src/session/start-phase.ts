/**
 * The kubelet notices that a container runs when it looks at its containers, once a second (generic PLEG), and probes it
 * then. So a pod is Ready up to a second later or sooner by the phase at which it was created, and a benchmark whose
 * starts are in step with that second, as they are after a wait for a pod's end, compares phases instead of pods.
 */
const PERIOD_MS = 1000;

/**
 * When to start, so that the starts of a run are spread evenly over the phases: the first instant not before
 * `earliestMs` at the phase `fraction` (0…1) of the kubelet's second, which `anchorMs` was in step with. Pure.
 */
export function startAtPhase(anchorMs: number, earliestMs: number, fraction: number): number {
  const first = anchorMs + fraction * PERIOD_MS;
  return first + Math.max(0, Math.ceil((earliestMs - first) / PERIOD_MS)) * PERIOD_MS;
}

/**
 * The phases of a run of `count` starts: one in the middle of each of `count` equal parts of the second, in an order in
 * which neighbours are far apart, so that a drift of the machine meets all phases. Pure.
 */
export function phaseOf(index: number, count: number): number {
  const step = coprimeNear(count * 0.618, count);
  return (((index * step) % count) + 0.5) / count;
}

function coprimeNear(wanted: number, count: number): number {
  let step = Math.max(1, Math.round(wanted));
  while (greatestCommonDivisor(step, count) !== 1) step++;
  return step;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
