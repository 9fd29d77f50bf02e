import type { JsonObject } from "../review/json-object.ts";

/** An object with its kind, as a test writes it. */
export type TestObject = JsonObject & { readonly kind: string; readonly apiVersion: string };

/** A PodSpec that meets the restricted standard. */
export function aPodSpec(spec: JsonObject = {}, container: JsonObject = {}): JsonObject {
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "main",
        image: "registry.example/app",
        ...container,
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          ...(container["securityContext"] as JsonObject | undefined),
        },
      },
    ],
    ...spec,
  };
}

/** A pod that meets the restricted standard. */
export function aPod(spec: JsonObject = {}, container: JsonObject = {}, metadata: JsonObject = {}): TestObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "x", ...metadata }, spec: aPodSpec(spec, container) };
}

/** A Deployment of such pods. */
export function aDeployment(spec: JsonObject = {}, container: JsonObject = {}, labels: JsonObject = {}): TestObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "x" },
    spec: {
      selector: { matchLabels: { app: "x" } },
      template: { metadata: { labels: { app: "x", ...labels } }, spec: aPodSpec(spec, container) },
    },
  };
}
