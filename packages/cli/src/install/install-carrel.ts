import path from "node:path";
import { hasImage, loadImage } from "@carrel/cluster";
import type { Tell } from "../terminal/progress.ts";
import { applyExamples } from "./apply-examples.ts";
import { buildImages, CHART_IMAGES, EXAMPLE_IMAGES, type BuiltImage } from "./carrel-images.ts";
import { forwardProxy, type ClusterAccess } from "./ensure-cluster.ts";
import { installChart, REPOSITORY } from "./install-chart.ts";

/** Runs a titled step; `Progress.step` is one. */
export type Step = <T>(title: string, run: (tell: Tell) => Promise<T>) => Promise<T>;

export interface InstallCarrelOptions {
  readonly access: ClusterAccess;
  /** Port at which browsers on this machine reach the proxy. */
  readonly port: number;
  readonly step: Step;
  readonly signal: AbortSignal;
  /** Further files of Helm values, over those of the embedded cluster. */
  readonly values?: readonly string[];
  /** Further Helm values, `key=value`. */
  readonly set?: readonly string[];
}

/** Carrel on the embedded cluster: images, chart, examples, and the way in for browsers. Idempotent. */
export async function installOnEmbedded({
  access,
  port,
  step,
  signal,
  values = [],
  set = [],
}: InstallCarrelOptions): Promise<readonly BuiltImage[]> {
  const { embedded, kubeconfig } = access;
  if (embedded === undefined) throw new Error("installOnEmbedded needs the embedded cluster");
  const images = await step("images", (tell) => buildImages([...CHART_IMAGES, ...EXAMPLE_IMAGES], { tell, signal }));
  await step("images into the cluster", async (tell) => {
    for (const { name, archive, ref } of images) {
      tell(name);
      if (!(await hasImage(embedded, ref))) await loadImage(embedded, archive, signal);
    }
  });
  await step("Carrel (Helm chart)", (tell) =>
    installChart({
      kubeconfig,
      tell,
      signal,
      images: images.filter(({ name }) => (CHART_IMAGES as readonly string[]).includes(name)),
      values: [path.join(REPOSITORY, "deploy/chart/values-embedded.yaml"), ...values],
      set: [`publicPort=${port}`, ...set],
    }),
  );
  await step("example templates", () => applyExamples({ kubeconfig, images, signal }));
  await forwardProxy(embedded, port, signal);
  return images;
}
