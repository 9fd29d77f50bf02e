import { readFile } from "node:fs/promises";
import { runCommand } from "../process/run-command.ts";

/** The mount points in or below a directory, the last mounted first. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table
    .split("\n")
    .map((line) => unescape(line.split(" ")[4] ?? ""))
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

/** Unmounts everything in or below a directory; what is busy is detached, and ends with its last user. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const point of await mountsBelow(directory)) {
    // Mounts that are copies of one another (shared subtrees) vanish together.
    await runCommand("umount", [point]).catch(() => runCommand("umount", ["--lazy", point]).catch(() => ""));
  }
}

/** mountinfo writes spaces and the like as octal escapes (proc_pid_mountinfo(5)). */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
