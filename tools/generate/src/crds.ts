import { GROUP, KINDS, VERSION, type KindDefinition } from "@carrel/api";
import { stringify } from "yaml";
import type { GeneratedFile } from "./generated-file.ts";
import { structuralSchema } from "./structural-schema.ts";

/** One CustomResourceDefinition manifest for each kind of Carrel, as the chart ships it. */
export function generateCrds(): GeneratedFile[] {
  return KINDS.map((kind) => ({
    path: `deploy/chart/templates/crds/${kind.plural}.yaml`,
    content: stringify(crd(kind), { lineWidth: 0, aliasDuplicateObjects: false }),
  }));
}

function crd(kind: KindDefinition): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${kind.plural}.${GROUP}`,
      // Helm never upgrades crds/: as a template it does, and an uninstall keeps the sessions.
      annotations: { "helm.sh/resource-policy": "keep" },
      labels: { "app.kubernetes.io/part-of": "carrel" },
    },
    spec: {
      group: GROUP,
      scope: "Cluster",
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        shortNames: kind.shortNames,
        categories: ["carrel"],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.columns,
          ...(kind.status === undefined ? {} : { subresources: { status: {} } }),
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: kind.description,
              ...(kind.rules === undefined ? {} : { "x-kubernetes-validations": kind.rules }),
              required: ["spec"],
              properties: {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec: structuralSchema(kind.spec),
                ...(kind.status === undefined ? {} : { status: structuralSchema(kind.status) }),
              },
            },
          },
        },
      ],
    },
  };
}
