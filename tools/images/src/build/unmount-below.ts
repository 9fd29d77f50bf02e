import { readFile } from "node:fs/promises";
import { runLogged } from "../process/run-logged.ts";

/** Unmounts everything below a directory: what a build that was killed has left mounted there. */
export async function unmountBelow(directory: string, logPath: string): Promise<void> {
  for (const point of mountPointsBelow(await readFile("/proc/self/mountinfo", "utf8"), directory)) {
    await runLogged("umount", ["--lazy", point], { logPath, timeoutMs: 10_000 });
  }
}

/** The mount points below a directory in the text of proc_pid_mountinfo(5), the last mounted first. */
export function mountPointsBelow(mountInfo: string, directory: string): string[] {
  const points = mountInfo.split("\n").map((line) => unescape(line.split(" ")[4] ?? ""));
  return points.filter((point) => point.startsWith(`${directory}/`)).reverse();
}

/** The kernel writes blanks and backslashes in paths as octal numbers. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
