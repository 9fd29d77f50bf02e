import { applyExamples } from "./apply-examples.ts";
import type { ClusterAccess } from "./ensure-cluster.ts";
import type { Step } from "./install-carrel.ts";
import { installChart } from "./install-chart.ts";

/** Carrel on a cluster of the user's: its images must be where that cluster can pull them, which `values` says. */
export async function installOnExisting(options: {
  readonly access: ClusterAccess;
  readonly values: readonly string[];
  readonly step: Step;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { access, values, step, signal } = options;
  await step("Carrel (Helm chart)", (tell) =>
    installChart({ kubeconfig: access.kubeconfig, images: [], values, set: ["tenants={demo}"], tell, signal }),
  );
  await step("example templates", () => applyExamples({ kubeconfig: access.kubeconfig, images: [], signal }));
}
