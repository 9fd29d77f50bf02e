import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlPlane } from "@carrel/cluster";
import { parseAllDocuments } from "yaml";
import { eventually } from "../eventually.ts";
import { TestkitError } from "../testkit-error.ts";
import { adminRequest } from "./admin-request.ts";

/** The part of a CustomResourceDefinition that is read here. */
interface CustomResourceDefinition {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

/** Where the chart keeps the CRDs of Carrel. */
const CHART_CRDS = fileURLToPath(new URL("../../../../deploy/chart/templates/crds", import.meta.url));

/**
 * Applies the CRDs of the chart (or of another directory) and waits until every kind is served. Safe to repeat.
 * @returns the names of the CRDs.
 * @throws TestkitError `INVALID` when there are none, `API_REFUSED` when the API server refuses one.
 */
export async function installCrds(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  options: { readonly directory?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly string[]> {
  const { directory = CHART_CRDS, signal } = options;
  const crds = await readCrds(directory);
  if (crds.length === 0) throw new TestkitError("INVALID", `no CRD in ${directory}; npm run generate writes them`);
  await Promise.all(
    crds.map((crd) =>
      adminRequest(controlPlane, {
        method: "PATCH",
        path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}?fieldManager=carrel-testkit&force=true`,
        contentType: "application/apply-patch+yaml",
        body: crd,
        signal,
      }),
    ),
  );
  const served = crds.flatMap(({ spec }) =>
    spec.versions
      .filter((version) => version.served)
      .map((version) => `/apis/${spec.group}/${version.name}/${spec.names.plural}?limit=1`),
  );
  await Promise.all(
    served.map((path) =>
      eventually((within) => adminRequest(controlPlane, { method: "GET", path, signal: within }), {
        timeoutMs: 20_000,
        signal,
      }),
    ),
  );
  return crds.map((crd) => crd.metadata.name);
}

async function readCrds(directory: string): Promise<CustomResourceDefinition[]> {
  const files = await readdir(directory).catch(() => []);
  const crds: CustomResourceDefinition[] = [];
  for (const file of files.filter((name) => /\.ya?ml$/.test(name)).sort()) {
    // Lines that are nothing but a Helm action (an `if` around the file) say nothing to the API server.
    const text = (await readFile(join(directory, file), "utf8")).replace(/^\s*\{\{.*\}\}\s*$/gm, "");
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as CustomResourceDefinition | null;
      if (object?.kind === "CustomResourceDefinition") crds.push(object);
    }
  }
  return crds;
}
