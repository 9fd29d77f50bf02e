import { randomUUID } from "node:crypto";
import {
  generateCookieKey,
  generateSigningKey,
  KEY_OBJECTS,
  mintToken,
  publicJwks,
  serialiseCookieKeys,
  serialiseJwks,
  type Jwks,
  type SigningKey,
} from "@carrel/auth";
import { LABELS, ROLE_DESK, type Session, type SessionStatus } from "@carrel/api";
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  CONFIG_MAPS,
  createKubeClient,
  loadKubeconfig,
  NAMESPACES,
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SESSIONS,
  type KubeClient,
  type Pod,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { aSession, installCrds, sharedControlPlane, uniqueName } from "@carrel/testkit";

/** Sessions and pods in a real API server, without a kubelet: a test says what a pod's status is. */
export class KubeSessions implements AsyncDisposable {
  readonly client: KubeClient & AsyncDisposable;
  readonly namespace: string;
  readonly key: SigningKey;

  private constructor(client: KubeClient & AsyncDisposable, namespace: string, key: SigningKey) {
    this.client = client;
    this.namespace = namespace;
    this.key = key;
  }

  /** With CRDs, a namespace of its own, and published keys. */
  static async start(): Promise<KubeSessions> {
    const controlPlane = await sharedControlPlane();
    await installCrds(controlPlane);
    const config = await loadKubeconfig({ path: controlPlane.kubeconfigPath });
    const client = createKubeClient(config, { userAgent: "carrel-proxy-test" });
    const name = uniqueName("proxy");
    await client.create(NAMESPACES, { metadata: { name } });
    await client.create(SERVICE_ACCOUNTS, { metadata: { name: "default", namespace: name } }, { namespace: name });
    const sessions = new KubeSessions(client, name, await generateSigningKey());
    await sessions.publish(publicJwks([sessions.key]));
    const { name: secret, entry } = KEY_OBJECTS.cookieKeys;
    const stringData = { [entry]: serialiseCookieKeys([generateCookieKey()]) };
    await client.create(SECRETS, { metadata: { name: secret, namespace: name }, stringData }, { namespace: name });
    return sessions;
  }

  async publish(jwks: Jwks): Promise<void> {
    const { name, entry } = KEY_OBJECTS.jwks;
    const { namespace } = this;
    const object = { metadata: { name, namespace }, data: { [entry]: serialiseJwks(jwks) } };
    await this.client.apply(CONFIG_MAPS, object, { namespace, force: true });
  }

  /** A pod with the label of workspace pods; it runs and is ready at the address. */
  async createPod(
    podIP: string,
    labels: Readonly<Record<string, string>> = { [LABELS.role]: ROLE_DESK },
  ): Promise<Pod> {
    const { namespace } = this;
    const metadata = { name: uniqueName("desk"), namespace, labels };
    const spec = { containers: [{ name: "desk", image: "desk" }] };
    await this.client.create(PODS, { metadata, spec }, { namespace });
    return this.setPodStatus(metadata.name, podIP, true);
  }

  setPodStatus(name: string, podIP: string, ready: boolean): Promise<Pod> {
    const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
    const patch = { status: { phase: "Running", podIP, podIPs: [{ ip: podIP }], conditions } };
    return this.client.mergePatch(PODS, name, patch, { namespace: this.namespace, subresource: "status" });
  }

  async createSession(status: SessionStatus, spec: Partial<Session["spec"]> = {}): Promise<Session> {
    const created = await this.client.create(SESSIONS, aSession({ spec }));
    return this.setStatus(created.metadata.name, status);
  }

  setStatus(name: string, status: SessionStatus): Promise<Session> {
    return this.client.mergePatch(SESSIONS, name, { status }, { subresource: "status" });
  }

  setSpec(name: string, spec: Partial<Session["spec"]>): Promise<Session> {
    return this.client.mergePatch(SESSIONS, name, { spec });
  }

  /** The status of a session that is ready in the pod, with one endpoint. */
  readyIn(pod: Pod, port: number): SessionStatus {
    const { name, uid = randomUUID() } = pod.metadata;
    return {
      phase: "Ready",
      pod: { namespace: this.namespace, name, uid },
      endpoints: [{ name: "main", url: "http://x/", host: "x", port, access: "owner" }],
    };
  }

  /** A kubeconfig with the rights that the chart gives the proxy, and no others. */
  async proxyKubeconfigPath(): Promise<string> {
    const { namespace, client } = this;
    const user = uniqueName("carrel-proxy");
    const apiGroup = "rbac.authorization.k8s.io";
    const subjects = [{ kind: "User" as const, name: user, apiGroup }];
    const verbs = ["get", "list", "watch"];
    const everywhere = [
      { apiGroups: ["carrel.dev"], resources: ["sessions"], verbs },
      { apiGroups: [""], resources: ["pods"], verbs },
    ];
    const own = [
      { apiGroups: [""], resources: ["configmaps"], resourceNames: [KEY_OBJECTS.jwks.name], verbs },
      { apiGroups: [""], resources: ["secrets"], resourceNames: [KEY_OBJECTS.cookieKeys.name], verbs },
    ];
    const metadata = { name: user };
    const here = { name: user, namespace };
    await client.create(CLUSTER_ROLES, { metadata, rules: everywhere });
    await client.create(CLUSTER_ROLE_BINDINGS, {
      metadata,
      subjects,
      roleRef: { apiGroup, kind: "ClusterRole", name: user },
    });
    await client.create(ROLES, { metadata: here, rules: own }, { namespace });
    await client.create(
      ROLE_BINDINGS,
      { metadata: here, subjects, roleRef: { apiGroup, kind: "Role", name: user } },
      { namespace },
    );
    return (await (await sharedControlPlane()).createKubeconfig(user)).path;
  }

  mint(session: Session): Promise<string> {
    return mintToken(this.key, {
      use: "session",
      issuer: "carrel",
      session: session.metadata.name,
      sessionUid: session.metadata.uid ?? "",
      subject: session.spec.user.id,
      tenant: session.spec.tenant,
      ttlMs: 60_000,
      clock: systemClock,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }
}
