import { readFileSync } from "node:fs";

/**
 * One process, told apart from a later one that was given the same pid: the kernel's start time
 * (field 22 of proc_pid_stat(5), clock ticks since boot) never repeats for a pid.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** The identity of the running process `pid`; undefined when there is none, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The command name in parentheses may hold spaces and parentheses: fields count from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, threads, startTicks] = [fields[0], Number(fields[17]), Number(fields[19])];
  // A killed process whose first thread is a zombie still holds its ports until its last thread has ended.
  const ended = state === "X" || (state === "Z" && threads <= 1);
  return ended || !Number.isInteger(startTicks) ? undefined : { pid, startTicks };
}

/** Whether exactly this process still runs. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startTicks === identity.startTicks;
}
