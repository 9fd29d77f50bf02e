import type { EndpointSlice } from "@carrel/kube";
import type { ClusterFacts } from "./workspace-context.ts";

/** Where pods reach the API server: the ClusterIP that every pod is told, and the endpoints behind it. */
export function clusterFacts(options: {
  readonly systemNamespace: string;
  readonly serviceAddress: { readonly ip: string; readonly port: number } | undefined;
  /** EndpointSlices of the Service `kubernetes` in namespace `default`. */
  readonly slices: readonly EndpointSlice[];
}): ClusterFacts {
  const endpoints = options.slices.flatMap((slice) =>
    (slice.ports ?? []).flatMap(({ port }) =>
      port === undefined
        ? []
        : (slice.endpoints ?? []).flatMap(({ addresses }) => addresses.map((ip) => ({ ip, port }))),
    ),
  );
  const all = [...(options.serviceAddress === undefined ? [] : [options.serviceAddress]), ...endpoints];
  return { systemNamespace: options.systemNamespace, apiServer: all };
}
