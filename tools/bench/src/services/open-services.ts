import { CarrelClient } from "@carrel/client";
import { TENANTS } from "@carrel/kube";
import {
  installationRights,
  playKubelet,
  startSessionServices,
  type PlayedKubelet,
  type SessionServices,
} from "@carrel/servicekit";
import type { SharedControlPlane } from "@carrel/testkit";
import { AuditLog } from "../audit/audit-log.ts";

/** Carrel's services as processes on a control plane without nodes, with the rights of an installation. */
export interface BenchServices extends AsyncDisposable {
  readonly services: SessionServices;
  /** Reports every desk ready at once: what is measured is Carrel and the API server, not pods. */
  readonly kubelet: PlayedKubelet;
  readonly backend: CarrelClient;
  readonly audit: AuditLog;
}

export interface OpenServicesOptions {
  readonly provisioners: number;
  /** Sessions that the cluster may hold. */
  readonly maxSessions: number;
  /** Sessions that may be starting at once. */
  readonly maxStarting?: number;
  /** A kubeconfig for the provisioners made from theirs, e.g. one that leads through a proxy. */
  readonly through?: (token: string, controlPlane: SharedControlPlane) => Promise<string>;
  readonly signal: AbortSignal;
}

/** The tenant of every benchmark; its caps are out of the way. */
export const BENCH_TENANT = "acme";

/** Starts them; whatever goes wrong on the way, nothing is left running. */
export async function openServices(options: OpenServicesOptions): Promise<BenchServices> {
  const { provisioners, maxSessions, maxStarting = 200, through, signal } = options;
  await using stack = new AsyncDisposableStack();
  const services = stack.use(
    await startSessionServices({
      provisioners,
      auditLog: true,
      provisionerEnv: {
        CARREL_MAX_SESSIONS: String(maxSessions),
        CARREL_MAX_STARTING: String(maxStarting),
        CARREL_LOG_LEVEL: "info",
      },
      async provisionerKubeconfig(controlPlane) {
        const rights = await installationRights(controlPlane, {});
        if (through === undefined) return await rights.kubeconfigOf("provisioner");
        return await through(await rights.tokenOf("provisioner"), controlPlane);
      },
      reaperKubeconfig: async (controlPlane) => (await installationRights(controlPlane, {})).kubeconfigOf("reaper"),
    }),
  );
  const { client, nats, controlPlane } = services;
  await client.mergePatch(TENANTS, BENCH_TENANT, { spec: { maxSessions: 100_000, maxSessionsPerUser: 1000 } });
  const kubelet = stack.use(playKubelet(client));
  const backend = stack.use(
    await CarrelClient.connect({
      servers: [nats.url],
      tenant: BENCH_TENANT,
      credentials: { user: BENCH_TENANT, password: nats.credentials(BENCH_TENANT).pass },
      signal,
    }),
  );
  const audit = await AuditLog.open(controlPlane.auditLogPath ?? "");
  const owned = stack.move();
  return { services, kubelet, backend, audit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
