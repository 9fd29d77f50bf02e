import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Clock } from "@carrel/std";
import { type ClusterConfig, KubeConfigError, type Material } from "./cluster-config.ts";

/** What a TLS connection needs; PEM. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Who this client is at the moment. The same object until something changed. */
export interface Identity {
  readonly tls: TlsMaterial;
  /** Value of the Authorization header. */
  readonly authorization: string | undefined;
}

/** Projected tokens and certificates are replaced well before they expire (a token of 1 h after 48 min). */
const READ_AGAIN_MS = 60_000;
/** After an answer 401 files are read at once, but not for every one of a thousand parallel calls. */
const READ_AGAIN_AFTER_REFUSAL_MS = 1_000;

/**
 * The client's certificates and token, read again at most once a minute, and when the server refused them.
 *
 * A file that cannot be read, is empty or does not fit the others (a certificate replaced before its key) leaves the
 * previous identity in place: it is what still works.
 */
export class Credentials {
  readonly #config: ClusterConfig;
  readonly #clock: Clock;
  readonly #fromFiles: boolean;
  #identity: Identity | undefined;
  #readAt = 0;
  #reading: Promise<Identity> | undefined;

  constructor(config: ClusterConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    const { ca, clientCertificate, clientKey, token } = config;
    this.#fromFiles = [ca, clientCertificate, clientKey, token].some((part) => part !== undefined && "file" in part);
  }

  /** @throws KubeConfigError when nothing usable was ever read. */
  current(): Identity | Promise<Identity> {
    const old = this.#identity;
    if (old !== undefined && (!this.#fromFiles || this.#clock.monotonic() - this.#readAt < READ_AGAIN_MS)) return old;
    return this.#read();
  }

  /** The server refused this identity: read again. True when there is another one now. */
  async refused(identity: Identity): Promise<boolean> {
    if (!this.#fromFiles) return false;
    if (this.#identity !== identity) return true;
    if (this.#clock.monotonic() - this.#readAt < READ_AGAIN_AFTER_REFUSAL_MS) return false;
    return (await this.#read()) !== identity;
  }

  #read(): Promise<Identity> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readNow(): Promise<Identity> {
    const old = this.#identity;
    try {
      const fresh = await readIdentity(this.#config);
      if (old === undefined || !equal(old, fresh)) this.#identity = fresh;
    } catch (error) {
      if (old === undefined) throw error;
    }
    this.#readAt = this.#clock.monotonic();
    return this.#identity as Identity;
  }
}

async function readIdentity(config: ClusterConfig): Promise<Identity> {
  const [ca, cert, key, token] = await Promise.all(
    [config.ca, config.clientCertificate, config.clientKey, config.token].map(readMaterial),
  );
  const tls = { ca, cert, key };
  try {
    createSecureContext(tls);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new KubeConfigError(`the CA, client certificate and key do not fit together (${code})`);
  }
  return { tls, authorization: token === undefined ? undefined : `Bearer ${token.trim()}` };
}

async function readMaterial(material: Material | undefined): Promise<string | undefined> {
  if (material === undefined) return undefined;
  if ("value" in material) return material.value;
  let text: string;
  try {
    text = await readFile(material.file, "utf8");
  } catch (cause) {
    throw new KubeConfigError(`cannot read ${material.file}`, cause);
  }
  if (text.trim() === "") throw new KubeConfigError(`${material.file} is empty`);
  return text;
}

function equal(a: Identity, b: Identity): boolean {
  const { tls } = a;
  return a.authorization === b.authorization && tls.ca === b.tls.ca && tls.cert === b.tls.cert && tls.key === b.tls.key;
}
