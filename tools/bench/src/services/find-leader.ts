import { LEASES } from "@carrel/kube";
import type { ServiceProcess, SessionServices } from "@carrel/servicekit";
import { CarrelError } from "@carrel/std";

/** The provisioner that leads now. @throws CarrelError `BENCH_FAILED` when nobody does. */
export async function findLeader({ client, provisioners }: SessionServices): Promise<ServiceProcess> {
  const lease = await client.get(LEASES, "carrel-provisioner", { namespace: "carrel-system" });
  const leader = provisioners[Number(/^provisioner-(\d+)/.exec(lease.spec?.holderIdentity ?? "")?.[1])];
  if (leader === undefined) throw new CarrelError("BENCH_FAILED", "no provisioner leads");
  return leader;
}
