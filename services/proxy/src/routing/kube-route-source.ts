import { LABELS, ROLE_DESK, type Session } from "@carrel/api";
import {
  type Informer,
  type InformerOptions,
  type KubeClient,
  type KubeObject,
  PODS,
  type Resource,
  SESSIONS,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import type { ProxyMetrics } from "../metrics.ts";
import { buildRoute } from "./build-route.ts";
import { DeskPods } from "./desk-pods.ts";
import type { AddressPolicy } from "./pod-address.ts";
import { ReadThrough } from "./read-through.ts";
import type { Route } from "./route.ts";
import type { RouteListener, RouteSource } from "./route-source.ts";
import { slimPod, slimSession } from "./slim.ts";
import { WATCH_SECONDS } from "./watch-seconds.ts";

export interface KubeRouteSourceOptions {
  /** Makes the informers; a Manager does. */
  readonly informers: {
    informer<T extends KubeObject>(of: Resource<T>, options?: InformerOptions<T>): Informer<T>;
  };
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly policy: AddressPolicy;
  readonly readThroughMs: number;
  readonly metrics: Pick<ProxyMetrics, "readThroughs">;
}

/** Routes from the watches of Sessions and workspace pods. */
export class KubeRouteSource implements RouteSource {
  readonly #policy: AddressPolicy;
  readonly #sessions: Informer<Session>;
  readonly #pods = new DeskPods();
  readonly #routes = new Map<string, Route>();
  /** UID of a pod → name of the Session that names it. */
  readonly #sessionOfPod = new Map<string, string>();
  readonly #listeners = new Set<RouteListener>();
  readonly #readThrough: ReadThrough;

  constructor(options: KubeRouteSourceOptions) {
    const { informers, policy } = options;
    this.#policy = policy;
    this.#readThrough = new ReadThrough({
      ...options,
      build: (session, pod) =>
        buildRoute(
          session,
          { pod, gone: false, addressIsUnique: pod !== undefined && this.#pods.isAlone(pod) },
          policy,
        ),
      onExpired: (session) => this.#tell(session, this.lookUp(session)),
    });
    this.#sessions = informers.informer(SESSIONS, { transform: slimSession, watchSeconds: WATCH_SECONDS });
    const pods = informers.informer(PODS, {
      labelSelector: `${LABELS.role}=${ROLE_DESK}`,
      transform: slimPod,
      watchSeconds: WATCH_SECONDS,
    });
    pods.addHandler({
      onAdd: (pod) => this.#podChanged(this.#pods.set(pod)),
      onUpdate: (_old, pod) => this.#podChanged(this.#pods.set(pod)),
      onDelete: (pod) => this.#podChanged(this.#pods.remove(pod)),
    });
    this.#sessions.addHandler({
      onAdd: (session) => this.#sessionChanged(session),
      onUpdate: (_old, session) => this.#sessionChanged(session),
      onDelete: (session) => this.#sessionGone(session),
    });
  }

  lookUp(session: string): Route | undefined {
    return this.#routes.get(session) ?? this.#readThrough.lookUp(session);
  }

  readThrough(session: string): Promise<Route | undefined> {
    return this.#readThrough.fetch(session);
  }

  subscribe(listener: RouteListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #sessionChanged(session: Session): void {
    const { name } = session.metadata;
    const former = this.#routes.get(name)?.pod?.uid;
    const current = session.status?.pod?.uid;
    if (former !== undefined && former !== current) this.#sessionOfPod.delete(former);
    if (current !== undefined) this.#sessionOfPod.set(current, name);
    this.#readThrough.forget(name);
    this.#set(session);
  }

  #sessionGone(session: Session): void {
    const { name } = session.metadata;
    const podUid = this.#routes.get(name)?.pod?.uid;
    if (podUid !== undefined) this.#sessionOfPod.delete(podUid);
    this.#routes.delete(name);
    this.#readThrough.forget(name);
    this.#tell(name, undefined);
  }

  #podChanged(uids: readonly string[]): void {
    for (const uid of uids) {
      const name = this.#sessionOfPod.get(uid);
      const session = name === undefined ? undefined : this.#sessions.store.get(name);
      if (session !== undefined) this.#set(session);
    }
  }

  #set(session: Session): void {
    const { name } = session.metadata;
    const route = buildRoute(session, this.#pods.knowledgeOf(session.status?.pod?.uid ?? ""), this.#policy);
    this.#routes.set(name, route);
    this.#tell(name, route);
  }

  #tell(session: string, route: Route | undefined): void {
    for (const listener of this.#listeners) listener(session, route);
  }
}
