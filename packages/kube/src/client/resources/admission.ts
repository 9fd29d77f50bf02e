import { type KubeObject, resource } from "../resource.ts";
import type { LabelSelector } from "./label-selector.ts";

export interface RuleWithOperations {
  readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE" | "CONNECT" | "*")[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope?: "Cluster" | "Namespaced" | "*";
}

export interface Webhook {
  readonly name: string;
  readonly clientConfig: {
    /** Base64 of PEM. */
    readonly caBundle?: string;
    readonly url?: string;
    readonly service?: {
      readonly namespace: string;
      readonly name: string;
      readonly path?: string;
      readonly port?: number;
    };
  };
  readonly rules?: readonly RuleWithOperations[];
  readonly failurePolicy?: "Fail" | "Ignore";
  readonly matchPolicy?: "Exact" | "Equivalent";
  readonly sideEffects: "None" | "NoneOnDryRun";
  readonly admissionReviewVersions: readonly string[];
  readonly timeoutSeconds?: number;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  /** Mutating ones only. */
  readonly reinvocationPolicy?: "Never" | "IfNeeded";
}

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

const ADMISSION = "admissionregistration.k8s.io/v1";
export const VALIDATING_WEBHOOK_CONFIGURATIONS = resource<WebhookConfiguration>(
  ADMISSION,
  "ValidatingWebhookConfiguration",
  "validatingwebhookconfigurations",
  false,
);
export const MUTATING_WEBHOOK_CONFIGURATIONS = resource<WebhookConfiguration>(
  ADMISSION,
  "MutatingWebhookConfiguration",
  "mutatingwebhookconfigurations",
  false,
);
