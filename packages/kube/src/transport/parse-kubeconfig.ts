import { resolve } from "node:path";
import { parse } from "yaml";
import { type ClusterConfig, KubeConfigError, type Material } from "./cluster-config.ts";

/** How to read a kubeconfig. */
export interface ParseOptions {
  /** Relative file names in it are relative to this directory, as kubectl has it. */
  readonly directory: string;
  /** Default: its `current-context`. */
  readonly context?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Ways to authenticate or to connect that would be ignored if they were not refused. */
const UNSUPPORTED_USER = [
  "exec",
  "auth-provider",
  "username",
  "password",
  "as",
  "as-groups",
  "as-uid",
  "as-user-extra",
];
const UNSUPPORTED_CLUSTER = ["proxy-url", "disable-compression"];

/**
 * Parses a kubeconfig (v1 Config: YAML or JSON). Pure: files that it names are not opened.
 *
 * Supported: CA, client certificate, key as data or file; token, token file; tls-server-name. Refused with an error
 * that names the field: `insecure-skip-tls-verify`, exec plugins, basic authentication, impersonation, proxies.
 * @throws KubeConfigError
 */
export function parseKubeconfig(text: string, options: ParseOptions): ClusterConfig {
  const config = fields(readYaml(text), "the kubeconfig");
  const contextName = options.context ?? config["current-context"];
  if (typeof contextName !== "string" || contextName === "") {
    throw new KubeConfigError("the kubeconfig has no current-context; set one or name a context");
  }
  const context = named(config, "contexts", "context", contextName);
  const clusterName = requireText(context, "cluster", `context ${contextName}`);
  const userName = requireText(context, "user", `context ${contextName}`);
  const cluster = named(config, "clusters", "cluster", clusterName);
  const user = userName === "" ? {} : named(config, "users", "user", userName);

  if (cluster["insecure-skip-tls-verify"] === true) {
    throw new KubeConfigError(
      `cluster ${clusterName} sets insecure-skip-tls-verify, which Carrel never does; give certificate-authority(-data)`,
    );
  }
  refuse(cluster, UNSUPPORTED_CLUSTER, `cluster ${clusterName}`);
  refuse(user, UNSUPPORTED_USER, `user ${userName}`);

  const server = requireText(cluster, "server", `cluster ${clusterName}`);
  const where = `user ${userName}`;
  const result: ClusterConfig = {
    server: checkServer(server),
    tlsServerName: optional(cluster, "tls-server-name"),
    ca: material(cluster, "certificate-authority", options.directory, `cluster ${clusterName}`),
    clientCertificate: material(user, "client-certificate", options.directory, where),
    clientKey: material(user, "client-key", options.directory, where),
    token: token(user, options.directory),
    namespace: optional(context, "namespace") ?? "default",
  };
  if ((result.clientCertificate === undefined) !== (result.clientKey === undefined)) {
    throw new KubeConfigError(`${where} needs both client-certificate and client-key, or neither`);
  }
  if (server.startsWith("http:") && (result.token !== undefined || result.clientKey !== undefined)) {
    throw new KubeConfigError(`cluster ${clusterName}: credentials are sent over https only`);
  }
  return result;
}

function readYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch {
    // The parser's message quotes the line, and that line may be a key.
    throw new KubeConfigError("the kubeconfig is not valid YAML");
  }
}

function fields(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new KubeConfigError(`${what} is not a mapping`);
}

/** `config.<list>[name].<field>`, as kubeconfigs nest them. */
function named(config: Fields, list: string, field: string, name: string): Fields {
  const entries = config[list];
  const found: unknown = Array.isArray(entries)
    ? entries.find((entry) => typeof entry === "object" && entry !== null && (entry as Fields)["name"] === name)
    : undefined;
  if (found === undefined) throw new KubeConfigError(`the kubeconfig has no ${field} named "${name}"`);
  return fields((found as Fields)[field] ?? {}, `${field} ${name}`);
}

function optional(from: Fields, key: string): string | undefined {
  const value = from[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function requireText(from: Fields, key: string, what: string): string {
  const value = from[key];
  if (typeof value === "string") return value;
  throw new KubeConfigError(`${what} has no ${key}`);
}

function refuse(from: Fields, keys: readonly string[], what: string): void {
  const key = keys.find((candidate) => from[candidate] !== undefined && from[candidate] !== false);
  if (key !== undefined) throw new KubeConfigError(`${what} uses ${key}, which Carrel does not support`);
}

/** `KEY-data` (base64) wins over the file `KEY`, as in kubectl. */
function material(from: Fields, key: string, directory: string, what: string): Material | undefined {
  const encoded = optional(from, `${key}-data`);
  if (encoded !== undefined) {
    const bytes = Buffer.from(encoded, "base64");
    const value = bytes.toString("utf8");
    if (!value.includes("-----BEGIN")) throw new KubeConfigError(`${what}: ${key}-data is not base64 of PEM`);
    return { value };
  }
  const file = optional(from, key);
  return file === undefined ? undefined : { file: resolve(directory, file) };
}

/** `tokenFile` wins over `token`, as in kubectl. */
function token(user: Fields, directory: string): Material | undefined {
  const file = optional(user, "tokenFile");
  if (file !== undefined) return { file: resolve(directory, file) };
  const value = optional(user, "token");
  return value === undefined ? undefined : { value };
}

function checkServer(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new KubeConfigError("a cluster's server is not an http(s) URL without user and query");
  }
  return server.replace(/\/+$/, "");
}
