import path from "node:path";
import { ensureProgram } from "@carrel/cluster";
import { CarrelError } from "@carrel/std";
import type { Tell } from "../terminal/progress.ts";
import type { BuiltImage } from "./carrel-images.ts";
import { explainPods } from "./explain-pods.ts";
import { runTool } from "./run-tool.ts";

/** The repository, which the chart and the examples are part of. */
export const REPOSITORY = path.resolve(import.meta.dirname, "../../../..");
/** Namespace and Helm release of Carrel. */
export const SYSTEM_NAMESPACE = "carrel-system";
export const RELEASE = "carrel";

export interface InstallChartOptions {
  readonly kubeconfig: string;
  readonly images: readonly BuiltImage[];
  /** Values files, later ones win. */
  readonly values: readonly string[];
  /** Single values, `key=value` as Helm's `--set` takes them. */
  readonly set: readonly string[];
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** Installs or upgrades Carrel with its chart, and waits until everything is ready. */
export async function installChart(options: InstallChartOptions): Promise<void> {
  const { signal, tell } = options;
  const helm = await ensureProgram("helm", { signal, onProgress: tell });
  const sets = [...options.images.map(({ name, ref }) => `images.${name}=${ref}`), ...options.set];
  await runTool(
    helm,
    [
      "upgrade",
      "--install",
      RELEASE,
      path.join(REPOSITORY, "deploy/chart"),
      "--namespace",
      SYSTEM_NAMESPACE,
      "--create-namespace",
      "--wait",
      "--timeout",
      "3m",
      ...options.values.flatMap((file) => ["--values", file]),
      ...sets.flatMap((value) => ["--set", value]),
    ],
    { signal, env: { KUBECONFIG: options.kubeconfig } },
  ).catch(async (error: unknown) => {
    const kubectl = await ensureProgram("kubectl", { signal });
    const why = await explainPods(kubectl, options.kubeconfig, SYSTEM_NAMESPACE);
    throw new CarrelError("INSTALL_FAILED", `${error instanceof Error ? error.message : String(error)}${why}`, {
      cause: error,
    });
  });
}
