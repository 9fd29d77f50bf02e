import { writeFile } from "node:fs/promises";
import path from "node:path";
import { installChartRbac, renderTokenKubeconfig, type SharedControlPlane } from "@carrel/testkit";

/** Kubeconfigs of Carrel's services, each with the rights that the chart gives it and no others. */
export interface InstallationRights {
  /** A bearer token of a service. */
  tokenOf(service: string): Promise<string>;
  /** Path of the kubeconfig of a service, e.g. `reaper`. */
  kubeconfigOf(service: string): Promise<string>;
}

/** Applies what the chart says about rights. @param values of the chart, by path. */
export async function installationRights(
  controlPlane: SharedControlPlane,
  values: Readonly<Record<string, unknown>>,
): Promise<InstallationRights> {
  const rbac = await installChartRbac(controlPlane, { values });
  return {
    tokenOf: (service) => rbac.tokenOf(service),
    async kubeconfigOf(service) {
      const { server, caPem, directory } = controlPlane;
      const kubeconfig = renderTokenKubeconfig({ server, caPem, token: await rbac.tokenOf(service) });
      const file = path.join(directory, `${service}.kubeconfig`);
      await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });
      return file;
    },
  };
}
