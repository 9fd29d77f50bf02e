import { KEY_OBJECTS, parseCookieKeys, parseJwks, type CookieKey, type Jwks } from "@carrel/auth";
import {
  CONFIG_MAPS,
  type Informer,
  type InformerOptions,
  type KubeObject,
  type Resource,
  SECRETS,
} from "@carrel/kube";
import { WATCH_SECONDS } from "../routing/watch-seconds.ts";
import type { ProxyLogger } from "../server/proxy-context.ts";
import type { KeySource } from "./key-source.ts";

export interface KubeKeySourceOptions {
  /** Makes the informers; a Manager does. */
  readonly informers: {
    informer<T extends KubeObject>(of: Resource<T>, options?: InformerOptions<T>): Informer<T>;
  };
  /** Carrel's own namespace. */
  readonly namespace: string;
  readonly logger: ProxyLogger;
}

/**
 * Keys from the ConfigMap and the Secret that the provisioner writes, by watch. What cannot be read, or is deleted,
 * changes nothing: the last good keys stay in use, and the log says so.
 */
export class KubeKeySource implements KeySource {
  readonly #logger: ProxyLogger;
  readonly #listeners = new Set<() => void>();
  #jwks: Jwks = { keys: [] };
  #cookieKeys: readonly CookieKey[] = [];

  constructor({ informers, namespace, logger }: KubeKeySourceOptions) {
    this.#logger = logger;
    const { jwks, cookieKeys } = KEY_OBJECTS;
    const only = (name: string) => ({ namespace, fieldSelector: `metadata.name=${name}`, watchSeconds: WATCH_SECONDS });
    const onJwks = (text: string | undefined): void => this.#read(jwks.name, () => this.#takeJwks(text));
    informers.informer(CONFIG_MAPS, only(jwks.name)).addHandler({
      onAdd: ({ data }) => onJwks(data?.[jwks.entry]),
      onUpdate: (_old, { data }) => onJwks(data?.[jwks.entry]),
      onDelete: () => this.#gone(jwks.name),
    });
    const onCookieKeys = (text: string | undefined): void =>
      this.#read(cookieKeys.name, () => this.#takeCookieKeys(text));
    informers.informer(SECRETS, only(cookieKeys.name)).addHandler({
      onAdd: ({ data }) => onCookieKeys(data?.[cookieKeys.entry]),
      onUpdate: (_old, { data }) => onCookieKeys(data?.[cookieKeys.entry]),
      onDelete: () => this.#gone(cookieKeys.name),
    });
  }

  jwks = (): Jwks => this.#jwks;
  cookieKeys = (): readonly CookieKey[] => this.#cookieKeys;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** True once there are keys of both kinds. */
  isLoaded(): boolean {
    return this.#jwks.keys.length > 0 && this.#cookieKeys.length > 0;
  }

  #takeJwks(text: string | undefined): void {
    this.#jwks = parseJwks(text ?? "");
    for (const listener of this.#listeners) listener();
  }

  #takeCookieKeys(text: string | undefined): void {
    this.#cookieKeys = parseCookieKeys(Buffer.from(text ?? "", "base64").toString("utf8"));
  }

  #read(name: string, read: () => void): void {
    try {
      read();
      this.#logger.info({ name }, "keys loaded");
    } catch (error) {
      this.#logger.error({ name, err: error }, "keys cannot be read; the last good ones stay in use");
    }
  }

  #gone(name: string): void {
    this.#logger.error({ name }, "keys were deleted; the last good ones stay in use");
  }
}
