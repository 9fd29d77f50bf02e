import type { CheckPod } from "./check.ts";
import { allowPrivilegeEscalation } from "./checks/allow-privilege-escalation.ts";
import { appArmorProfile } from "./checks/app-armor-profile.ts";
import { capabilitiesBaseline } from "./checks/capabilities-baseline.ts";
import { capabilitiesRestricted } from "./checks/capabilities-restricted.ts";
import { hostNamespaces } from "./checks/host-namespaces.ts";
import { hostPathVolumes } from "./checks/host-path-volumes.ts";
import { hostPorts } from "./checks/host-ports.ts";
import { hostProbesAndHostLifecycle } from "./checks/host-probes-and-host-lifecycle.ts";
import { privileged } from "./checks/privileged.ts";
import { procMount } from "./checks/proc-mount.ts";
import { restrictedVolumes } from "./checks/restricted-volumes.ts";
import { runAsNonRoot } from "./checks/run-as-non-root.ts";
import { runAsUser } from "./checks/run-as-user.ts";
import { seLinuxOptions } from "./checks/se-linux-options.ts";
import { seccompProfileAnnotations } from "./checks/seccomp-profile-annotations.ts";
import { seccompProfileBaseline } from "./checks/seccomp-profile-baseline.ts";
import { seccompProfileRestricted } from "./checks/seccomp-profile-restricted.ts";
import { sysctls } from "./checks/sysctls.ts";
import { unlessUserNamespace, unlessWindows } from "./checks/unless.ts";
import { windowsHostProcess } from "./checks/windows-host-process.ts";

/** A check of a standard, with the policy versions at which it changes. */
export interface Standard {
  readonly id: string;
  readonly level: "baseline" | "restricted";
  /** Baseline checks that it takes the place of, from its own first version on. */
  readonly overrides: readonly string[];
  /** Oldest first; the last one whose `since` (minor release) is not above the policy's holds. */
  readonly versions: readonly { readonly since: number; readonly check: CheckPod }[];
}

function grow(base: readonly string[], ...more: readonly string[]): readonly string[] {
  return [...base, ...more];
}

const SYSCTLS_0 = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
];
const SYSCTLS_27 = grow(SYSCTLS_0, "net.ipv4.ip_local_reserved_ports");
const SYSCTLS_29 = grow(
  SYSCTLS_27,
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
);
const SYSCTLS_32 = grow(SYSCTLS_29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem");
const SYSCTLS_37 = grow(SYSCTLS_32, "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat");

const SELINUX_0 = ["", "container_t", "container_init_t", "container_kvm_t"];
const SELINUX_31 = grow(SELINUX_0, "container_engine_t");

function baseline(id: string, ...versions: readonly (readonly [number, CheckPod])[]): Standard {
  return { id, level: "baseline", overrides: [], versions: versions.map(([since, check]) => ({ since, check })) };
}

function restricted(
  id: string,
  overrides: readonly string[],
  ...versions: readonly (readonly [number, CheckPod])[]
): Standard {
  return { id, level: "restricted", overrides, versions: versions.map(([since, check]) => ({ since, check })) };
}

/**
 * The Pod Security Standards, in the order of the API server's messages: baseline by id, then restricted by id.
 * Source: k8s.io/pod-security-admission/policy, releases 1.34 to 1.37.
 */
export const STANDARDS: readonly Standard[] = [
  baseline("appArmorProfile", [0, appArmorProfile]),
  baseline("capabilities_baseline", [0, capabilitiesBaseline]),
  baseline("hostNamespaces", [0, hostNamespaces]),
  baseline("hostPathVolumes", [0, hostPathVolumes]),
  baseline("hostPorts", [0, hostPorts]),
  baseline("hostProbesAndHostLifecycle", [34, hostProbesAndHostLifecycle]),
  baseline("privileged", [0, privileged]),
  baseline("procMount", [0, procMount], [35, unlessUserNamespace(procMount)]),
  baseline("seLinuxOptions", [0, seLinuxOptions(new Set(SELINUX_0))], [31, seLinuxOptions(new Set(SELINUX_31))]),
  baseline("seccompProfile_baseline", [0, seccompProfileAnnotations], [19, seccompProfileBaseline]),
  baseline(
    "sysctls",
    [0, sysctls(new Set(SYSCTLS_0))],
    [27, sysctls(new Set(SYSCTLS_27))],
    [29, sysctls(new Set(SYSCTLS_29))],
    [32, sysctls(new Set(SYSCTLS_32))],
    [37, sysctls(new Set(SYSCTLS_37))],
  ),
  baseline("windowsHostProcess", [0, windowsHostProcess]),
  restricted(
    "allowPrivilegeEscalation",
    [],
    [8, allowPrivilegeEscalation],
    [25, unlessWindows(allowPrivilegeEscalation)],
  ),
  restricted(
    "capabilities_restricted",
    ["capabilities_baseline"],
    [22, capabilitiesRestricted],
    [25, unlessWindows(capabilitiesRestricted)],
  ),
  restricted("procMount_restricted", ["procMount"], [35, procMount]),
  restricted("restrictedVolumes", ["hostPathVolumes"], [0, restrictedVolumes]),
  restricted("runAsNonRoot", [], [0, runAsNonRoot], [35, unlessUserNamespace(runAsNonRoot)]),
  restricted("runAsUser", [], [23, runAsUser], [35, unlessUserNamespace(runAsUser)]),
  restricted(
    "seccompProfile_restricted",
    ["seccompProfile_baseline"],
    [19, seccompProfileRestricted],
    [25, unlessWindows(seccompProfileRestricted)],
  ),
];
