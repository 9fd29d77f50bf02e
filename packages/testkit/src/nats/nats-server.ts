import type { NatsCredentials } from "./nats-accounts.ts";

/** Options of `startNatsServer`. */
export interface NatsServerOptions {
  /**
   * Users and permissions as in production: a provisioner, a reaper, a proxy, an operator, and one user for each tenant
   * named here. Without it anybody may do anything.
   */
  readonly accounts?: { readonly tenants: readonly string[] };
  /** Streams and key-value buckets, kept on disk over {@link NatsServer.restart}; default false. */
  readonly jetstream?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** A real nats-server on 127.0.0.1 that ends with this process, however that ends. Dispose it to end it at once. */
export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:PORT`; stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** Of the running process; the last one's after {@link kill}. */
  readonly pid: number;
  /**
   * What a user connects with: `provisioner`, `reaper`, `proxy`, `operator` or a tenant's name.
   * @throws TestkitError `INVALID` for another name, or without the `accounts` option.
   */
  credentials(user: string): NatsCredentials;
  /** Ends the process, by default by SIGKILL: every connection is cut at once. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Stops the process where it is (SIGSTOP): from then on connections stay open and nothing answers. */
  freeze(): Promise<void>;
  /** Lets a frozen process go on (SIGCONT). */
  thaw(): void;
  /** Asks clients to go elsewhere, closes their connections 1 s later, then ends (SIGUSR2: lame duck mode). */
  lameDuck(): void;
  /**
   * Ends the process if it runs, and starts it again on the same port, users and store. Resolves when it answers.
   * `jetstream` switches streams on or off from now on.
   */
  restart(options?: { readonly jetstream?: boolean }): Promise<void>;
  /** Where its streams are kept: to be lost, copied and put back while it does not run. */
  readonly storePath: string;
  /** Its log so far. */
  log(): Promise<string>;
}
