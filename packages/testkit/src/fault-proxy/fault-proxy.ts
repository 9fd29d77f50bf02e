import type { Fault } from "./fault.ts";
import type { FaultRule, InjectedFault } from "./fault-plan.ts";
import type { ProxiedRequest, RequestFilter } from "./proxied-request.ts";
import type { TokenKubeconfig } from "./token-kubeconfig.ts";

/** The part of `node:test`'s TestContext that a failing test is explained through. */
export interface ReportingTest {
  /** Known when the `after` callbacks run. */
  readonly passed?: boolean;
  after(callback: () => void): void;
  diagnostic(message: string): void;
}

/** Options of `startFaultProxy`. */
export interface FaultProxyOptions {
  /** The API server: `https://127.0.0.1:PORT`. */
  readonly target: string;
  /** The authority of the API server's certificate. */
  readonly caPem: string;
  /** What clients that use {@link FaultProxy.kubeconfig} authenticate with. */
  readonly token?: string;
  /** Of the choices by probability; default random. */
  readonly seed?: number;
  /** When it fails, the seed and the last requests are printed with it. */
  readonly test?: ReportingTest;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A TLS reverse proxy on 127.0.0.1 before a real API server, that does harm when asked to.
 *
 * It ends TLS with a certificate of its own authority, so clients authenticate by bearer token, which it passes on.
 * HTTP/1.1 only; no upgrades (exec, attach, port-forward).
 */
export interface FaultProxy extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The authority to trust now. */
  readonly caPem: string;
  /** The same as a file, which {@link changeCertificate} replaces. */
  readonly caPath: string;
  /** A kubeconfig that goes through the proxy, as object and as file, with the authority of the start. */
  readonly kubeconfig: TokenKubeconfig;
  readonly kubeconfigPath: string;
  readonly seed: number;
  /** From now on requests that match the rule meet these faults. */
  inject(rule: FaultRule, ...faults: readonly Fault[]): InjectedFault;
  /** Ends every rule. What was frozen stays frozen. */
  clear(): void;
  /** Black-holes everything, open watches too: nothing is passed on in either direction until {@link thaw}. */
  freeze(): void;
  /** Passes on what was held back. */
  thaw(): void;
  /** Ends every open connection: `cut` by FIN, `reset` by RST. */
  endConnections(how?: "cut" | "reset"): void;
  /** Ends every open connection and refuses new ones until {@link listen}. */
  refuse(): Promise<void>;
  /** Accepts connections again, on the same port. */
  listen(): Promise<void>;
  /**
   * Presents another certificate on new connections: of the same authority, or of another one that nobody trusts who
   * does not read {@link caPath} again.
   */
  changeCertificate(authority?: "same" | "other"): Promise<void>;
  /** The requests that it has seen (the newest 100,000), oldest first. */
  requests(filter?: RequestFilter): readonly ProxiedRequest[];
  /** How many requests the filter selects. */
  count(filter?: RequestFilter): number;
  /** Forgets the requests seen so far. */
  clearRequests(): void;
  /** TCP connections: how many ever, how many now. */
  readonly connections: { readonly total: number; readonly open: number };
}
