import { type KubeObject, resource } from "../resource.ts";

export interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
}

export const SERVICE_ACCOUNTS = resource<ServiceAccount>("v1", "ServiceAccount", "serviceaccounts");

/**
 * A request for a token of a ServiceAccount. Create it with `{ subresource: "token" }`; `metadata.name` names the
 * ServiceAccount, the answer's `status` holds the token.
 */
export interface TokenRequest extends KubeObject {
  readonly apiVersion: "authentication.k8s.io/v1";
  readonly kind: "TokenRequest";
  readonly spec: {
    readonly audiences?: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    };
  };
  readonly status?: { readonly token: string; readonly expirationTimestamp: string };
}

/** The path is that of ServiceAccounts, the kind in the body TokenRequest's. */
export const SERVICE_ACCOUNT_TOKENS = resource<TokenRequest>("v1", "ServiceAccount", "serviceaccounts");
