import { type KubeObject, resource } from "../resource.ts";

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export interface Secret extends KubeObject {
  readonly type?: string;
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** Plain text, write only. */
  readonly stringData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export const CONFIG_MAPS = resource<ConfigMap>("v1", "ConfigMap", "configmaps");
export const SECRETS = resource<Secret>("v1", "Secret", "secrets");
