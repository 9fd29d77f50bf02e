import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identifyProcess, isProcessAlive } from "../process/process-identity.ts";

const PREFIX = "carrel-control-plane";

/**
 * Makes a directory for one control plane that is named after this process, and removes those of processes that
 * ended without removing theirs.
 */
export async function makeScratchDirectory(): Promise<string> {
  const self = identifyProcess(process.pid);
  const owner = `${process.pid}-${self?.startTicks ?? 0}`;
  const [directory] = await Promise.all([mkdtemp(join(tmpdir(), `${PREFIX}-${owner}-`)), sweepScratchDirectories()]);
  return directory;
}

async function sweepScratchDirectories(): Promise<void> {
  const pattern = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-`);
  for (const entry of await readdir(tmpdir())) {
    const [, pid, startTicks] = pattern.exec(entry) ?? [];
    if (pid === undefined || isProcessAlive({ pid: Number(pid), startTicks: Number(startTicks) })) continue;
    // Another process may sweep the same one.
    await rm(join(tmpdir(), entry), { recursive: true, force: true }).catch(() => undefined);
  }
}
