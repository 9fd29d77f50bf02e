import { constants, existsSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ClusterError } from "../cluster-error.ts";
import { acquireExclusiveLock } from "../process/exclusive-lock.ts";
import { inheritedEnvironment } from "../process/environment.ts";
import { runCommand } from "../process/run-command.ts";
import { type OnProgress, withProgress } from "../progress.ts";

/** A program of the machine that the cluster, the tests or the builds run but do not build. */
export type SystemProgram =
  | "go"
  | "setpriv"
  | "containerd"
  | "runc"
  | "cni-plugins"
  | "nft"
  | "iptables"
  | "conntrack"
  | "ip"
  | "nsenter"
  | "umount"
  | "chromium";

/** Where a program is found, and the Debian package that brings it. */
const SOURCES: Readonly<Record<SystemProgram, { readonly file: string; readonly debianPackage?: string }>> = {
  go: { file: "go" },
  setpriv: { file: "setpriv", debianPackage: "util-linux" },
  containerd: { file: "containerd", debianPackage: "containerd" },
  runc: { file: "runc", debianPackage: "runc" },
  "cni-plugins": { file: "/usr/lib/cni/ptp", debianPackage: "containernetworking-plugins" },
  nft: { file: "nft", debianPackage: "nftables" },
  iptables: { file: "iptables", debianPackage: "iptables" },
  conntrack: { file: "conntrack", debianPackage: "conntrack" },
  ip: { file: "ip", debianPackage: "iproute2" },
  umount: { file: "umount", debianPackage: "mount" },
  nsenter: { file: "nsenter", debianPackage: "util-linux" },
  chromium: { file: "/usr/bin/chromium", debianPackage: "chromium" },
};

/** Options of {@link ensureSystemPrograms}. */
export interface EnsureSystemProgramsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Makes sure that programs of the machine are there; as root on Debian, installs the packages of the missing ones.
 * @throws ClusterError `PROGRAM_MISSING`, naming all that are missing and the command that installs them.
 */
export async function ensureSystemPrograms(
  names: readonly SystemProgram[],
  options: EnsureSystemProgramsOptions = {},
): Promise<void> {
  if ((await missingOf(names)).length === 0) return;
  await using _lock = await acquireExclusiveLock("apt", { signal: options.signal });
  const missing = await missingOf(names);
  const packages = [...new Set(missing.flatMap((name) => SOURCES[name].debianPackage ?? []))];
  if (packages.length > 0 && (await mayInstall())) {
    await withProgress(`installing ${packages.join(" ")}`, options.onProgress, async () => {
      const apt = { timeoutMs: 10 * 60_000, signal: options.signal, env: { DEBIAN_FRONTEND: "noninteractive" } };
      await runCommand("apt-get", ["update", "-q"], apt);
      await runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], apt);
    });
  }
  const left = await missingOf(names);
  if (left.length === 0) return;
  const hint = left.includes("go")
    ? "install Go 1.26 or later (go.dev/dl) and put it on the PATH"
    : `run as root: apt-get install ${packages.join(" ")}`;
  throw new ClusterError("PROGRAM_MISSING", `this machine lacks ${left.join(", ")}; ${hint}`);
}

async function missingOf(names: readonly SystemProgram[]): Promise<SystemProgram[]> {
  const found = await Promise.all(names.map((name) => isExecutable(SOURCES[name].file)));
  return names.filter((_, index) => found[index] === false);
}

async function isExecutable(file: string): Promise<boolean> {
  const path = inheritedEnvironment()["PATH"] ?? "";
  const candidates = file.startsWith("/") ? [file] : path.split(delimiter).map((directory) => join(directory, file));
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return true;
  }
  return false;
}

async function mayInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*debian/m.test(await readFile("/etc/os-release", "utf8"));
}
