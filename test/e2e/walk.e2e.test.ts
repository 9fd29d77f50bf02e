import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LABELS, type Session } from "@carrel/api";
import {
  NAMESPACES,
  PODS,
  SERVICES,
  SESSIONS,
  SESSION_TEMPLATES,
  WORKSPACES,
  type KubeObject,
  type Pod,
} from "@carrel/kube";
import { objectsMentioning } from "@carrel/cli";
import { eventually } from "@carrel/testkit";
import type { Browser, WebSocket as PageSocket } from "playwright-core";
import { launchBrowser, TerminalPage } from "./support/browser.ts";
import { installedCarrel, type InstalledCarrel } from "./support/carrel.ts";
import { proxyRequest } from "./support/proxy-request.ts";

/** The walk of a learner, in a real browser on real pods. The tests build on each other. */
const resources = new AsyncDisposableStack();
let carrel: InstalledCarrel;
let browser: Browser;
let session: Session;
let url: string;
let terminal: TerminalPage;
const closes: { code: number | undefined; url: string }[] = [];

before(async () => {
  carrel = resources.use(await installedCarrel());
  browser = await launchBrowser();
  resources.defer(() => browser.close());
});
after(() => resources.disposeAsync());

test("a NATS request makes a session that answers with state, URL and token; its phases are seen", async () => {
  const phases = new Set<string | undefined>();
  const watching = new AbortController();
  const { resourceVersion } = await carrel.client.list(SESSIONS);
  const watch = (async () => {
    for await (const event of carrel.client.watch(SESSIONS, { resourceVersion, signal: watching.signal })) {
      if (event.type !== "BOOKMARK" && event.object.spec.user.id === "walker") phases.add(event.object.status?.phase);
    }
  })().catch(() => undefined);
  const reply = await carrel.backend.createSession(
    { template: "terminal", user: { id: "walker" } },
    { deadlineMs: Date.now() + 60_000 },
  );
  assert.equal(reply.session.state, "ready");
  assert.ok(reply.session.url !== undefined && reply.token !== undefined && reply.loginUrl !== undefined);
  session = await carrel.client.get(SESSIONS, reply.session.name);
  url = reply.loginUrl;
  await eventually(() => assert.ok(phases.has("Ready")), { timeoutMs: 5_000 });
  watching.abort();
  await watch;
  assert.ok(!phases.has("Queued"), "one that can start at once is never written Queued");
  assert.equal((await carrel.client.get(WORKSPACES, session.spec.workspace)).status?.phase, "Ready");
});

test("the browser trades the token for a host-only cookie, and the address bar is clean", async () => {
  const context = await browser.newContext();
  resources.defer(() => context.close());
  const page = await context.newPage();
  page.on("websocket", (socket: PageSocket) =>
    socket.on("close", () => closes.push({ code: undefined, url: socket.url() })),
  );
  await page.goto(url);
  assert.ok(!page.url().includes("carrel_token"), page.url());
  const cookies = await context.cookies(page.url());
  const own = cookies.find((cookie) => cookie.name.startsWith("__Host-carrel"));
  assert.ok(own, JSON.stringify(cookies.map(({ name }) => name)));
  assert.ok(own.httpOnly && own.secure && own.path === "/" && !own.domain.startsWith("."));
  terminal = new TerminalPage(page);
  await terminal.waitForShell();
});

test("a real shell in the session's own container; extra processes run in it", async () => {
  const { output } = await terminal.run("echo $((6*7)); hostname; id -u; sleep 60 & sleep 61 & jobs | wc -l");
  assert.match(output, /42/);
  assert.match(output, /desk/);
  assert.match(output, /1001/);
  const processes = await terminal.run("ps -eo args | grep -c '^sleep 6'");
  assert.match(processes.output, /2/);
});

test("kubectl create deployment works in the session's own namespace", async () => {
  const image = carrel.images["nats"] ?? "";
  assert.equal((await terminal.run(`kubectl create deployment web --image=${image}`)).code, 0);
  const rollout = await terminal.run("kubectl rollout status deployment/web --timeout=60s", 70_000);
  assert.equal(rollout.code, 0, rollout.output);
  const pods = await carrel.client.list(PODS, { namespace: session.spec.workspace });
  assert.ok(pods.items.some((pod) => pod.metadata.name.startsWith("web-")));
});

const refused: [string, (image: string) => string, RegExp][] = [
  [
    "pods of kube-system",
    () => "kubectl get pods -n kube-system",
    /cannot list resource "pods".*in the namespace "kube-system"/,
  ],
  ["namespaces", () => "kubectl create namespace mine", /cannot create resource "namespaces"/],
  ["a privileged pod", (image) => `kubectl run p --image=${image} --privileged`, /privileged/],
  [
    "a hostPath pod",
    (image) =>
      `kubectl run h --image=${image} --overrides='{"spec":{"volumes":[{"name":"h","hostPath":{"path":"/"}}]}}'`,
    /hostPath/,
  ],
  [
    "a pod beyond the quota",
    (image) =>
      `kubectl run b --image=${image} --overrides='{"spec":{"containers":[{"name":"b","image":"x","resources":{"limits":{"cpu":"1"}}}]}}'`,
    // The Deployment of before has its part already.
    /exceeded quota: compute/,
  ],
  [
    "a pod larger than the budget",
    (image) =>
      `kubectl run b --image=${image} --overrides='{"spec":{"containers":[{"name":"b","image":"x","resources":{"limits":{"cpu":"4"}}}]}}'`,
    /maximum cpu usage per Pod is 1, but limit is 4/,
  ],
  [
    "an unknown kind",
    () =>
      `printf 'apiVersion: v1\\nkind: ReplicationController\\nmetadata: {name: r}\\nspec: {}\\n' | kubectl create -f -`,
    /cannot create resource "replicationcontrollers"/,
  ],
  [
    "a NodePort service",
    () => "kubectl create service nodeport n --tcp=80",
    /\[service\] spec\.type: must be ClusterIP/,
  ],
  ["deleting the desk", () => "kubectl delete pod desk", /\[managed-objects\].*belongs to Carrel/],
  ["deleting the quota", () => "kubectl delete quota compute", /cannot delete resource "resourcequotas"/],
  ["opening the network", () => "kubectl delete networkpolicy isolation", /cannot delete resource "networkpolicies"/],
  [
    "Carrel's priority class",
    (image) => `kubectl run c --image=${image} --overrides='{"spec":{"priorityClassName":"carrel-desk"}}'`,
    /\[priority-class\]/,
  ],
];
for (const [what, command, message] of refused) {
  test(`refused with a message that names the rule: ${what}`, async () => {
    const { output, code } = await terminal.run(command(carrel.images["nats"] ?? ""));
    assert.notEqual(code, 0, output);
    assert.match(output, message);
  });
}

test("the network: DNS, the API server and the template's egress answer; other sessions and Carrel do not", async () => {
  const { client, backend } = carrel;
  const other = await backend.createSession(
    { template: "terminal", user: { id: "neighbour" } },
    { deadlineMs: Date.now() + 60_000 },
  );
  const otherSession = await client.get(SESSIONS, other.session.name);
  const neighbour = await client.get<Pod>(PODS, "desk", { namespace: otherSession.spec.workspace });
  const service = (await client.get(SERVICES, "carrel-nats", { namespace: "carrel-system" })) as KubeObject & {
    spec: { clusterIP: string };
  };
  const probe = (target: string): Promise<{ output: string; code: number }> =>
    terminal.run(`curl -sk -m 3 -o /dev/null -w '%{http_code}' ${target}`);

  assert.match((await terminal.run("getent hosts kubernetes.default.svc.cluster.local")).output, /10\.96\.0\.1/);
  assert.match((await probe("https://kubernetes.default.svc/readyz")).output, /200|401|403/);
  assert.notEqual((await probe(`http://${neighbour.status?.podIP}:8080/healthz`)).code, 0);
  assert.notEqual((await probe(`http://${service.spec.clusterIP}:4222/`)).code, 0);
  assert.notEqual((await probe("http://carrel-webhook.carrel-system.svc:443/")).code, 0);
  // The neighbour does answer those who may: its own.
  const own = await carrel.client.get<Pod>(PODS, "desk", { namespace: session.spec.workspace });
  assert.match((await probe(`http://${own.status?.podIP}:8080/healthz`)).output, /200/);
  await backend.endSession(other.session.name);
});

test("a template's egress opens exactly what it names", async () => {
  const { client, backend } = carrel;
  const namespace = "partner";
  await client.create(NAMESPACES, { metadata: { name: namespace } }).catch(() => undefined);
  resources.defer(() => client.delete(NAMESPACES, namespace));
  const pod = {
    metadata: { name: "api", labels: { app: "api" } },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: "api", image: carrel.images["nats"] ?? "", args: ["--http_port", "8222"] }],
    },
  };
  await eventually(() => client.create(PODS, pod as Pod, { namespace }), { timeoutMs: 20_000 });
  const ip = await eventually(
    async () => {
      const { status } = await client.get(PODS, "api", { namespace });
      assert.equal(status?.phase, "Running");
      return status.podIP;
    },
    { timeoutMs: 30_000 },
  );
  assert.notEqual(
    (await terminal.run(`curl -s -m 3 http://${ip}:8222/healthz`)).code,
    0,
    "the plain template has no such egress",
  );

  const plain = await client.get(SESSION_TEMPLATES, "terminal");
  const egress = [
    {
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
      ports: [{ protocol: "TCP", port: 8222 }],
    },
  ];
  await client.create(SESSION_TEMPLATES, {
    apiVersion: plain.apiVersion,
    kind: plain.kind,
    metadata: { name: "with-egress" },
    spec: { ...plain.spec, network: { egress } },
  });
  resources.defer(() => client.delete(SESSION_TEMPLATES, "with-egress"));
  const reply = await eventually(
    () =>
      backend.createSession({ template: "with-egress", user: { id: "walker" } }, { deadlineMs: Date.now() + 60_000 }),
    { timeoutMs: 70_000 },
  );
  const page = await browser.newPage();
  await page.goto(reply.loginUrl ?? "");
  const second = new TerminalPage(page);
  await second.waitForShell();
  assert.match((await second.run(`curl -s -m 3 http://${ip}:8222/healthz`)).output, /ok/);
  assert.notEqual((await second.run(`curl -s -m 3 http://${ip}:4222/`)).code, 0, "another port of the same pod");
  await page.close();
  await backend.endSession(reply.session.name);
});

test("no token, a tampered one, alg none, another session's: refused on HTTP and WebSocket, and the pod hears nothing", async () => {
  const { backend, client } = carrel;
  const base = session.status?.url ?? "";
  const other = await backend.createSession(
    { template: "terminal", user: { id: "mallory" } },
    { deadlineMs: Date.now() + 60_000 },
  );
  const { token = "" } = await backend.sessionToken(session.metadata.name);
  const [head = "", body = "", signature = ""] = token.split(".");
  const none = `${Buffer.from(JSON.stringify({ alg: "none", typ: "carrel-session+jwt" })).toString("base64url")}.${body}.`;
  const tokens = {
    "": "",
    tampered: `${head}.${body}.${signature.slice(0, -4)}AAAA`,
    none,
    foreign: other.token ?? "",
    garbage: "x.y.z",
  };
  const connections = async (): Promise<number> => {
    // The desk counts for itself: sockets that reached its port, but those of the kubelet's probes and the open terminal.
    const { output } = await terminal.run(
      "cat /proc/net/tcp6 /proc/net/tcp | awk '$2 ~ /:1F90$/ && $4 == \"01\"' | wc -l",
    );
    return Number(/\d+/.exec(output)?.[0]);
  };
  const before = await connections();
  for (const [name, bad] of Object.entries(tokens)) {
    const headers: Record<string, string> = bad === "" ? {} : { authorization: `Bearer ${bad}` };
    for (const upgrade of [false, true]) {
      const answer = await proxyRequest(`${base}ws?id=1`, { headers, upgrade });
      assert.ok(
        answer.status === 401 || answer.status === 403,
        `${name || "no token"}, upgrade ${upgrade}: ${answer.status}`,
      );
      assert.ok(!answer.body.includes("xterm"));
    }
  }
  const wrongPage = await proxyRequest(`${base}?carrel_token=${other.token}`, {
    headers: { "sec-fetch-mode": "navigate", accept: "text/html" },
  });
  assert.ok(wrongPage.status === 401 || wrongPage.status === 403);
  assert.equal(wrongPage.headers["set-cookie"], undefined);
  assert.ok((await connections()) <= before);
  await backend.endSession(other.session.name);
  assert.ok(await client.get(SESSIONS, session.metadata.name));
});

test("the session expires: the terminal is closed with 4002, the page says so, and nothing is left", async () => {
  const { client } = carrel;
  // Its own session with a short life: expiresAt only ever moves forward.
  const plain = await client.get(SESSION_TEMPLATES, "terminal");
  const spec = {
    ...plain.spec,
    lifetime: { ...plain.spec.lifetime, duration: "15s", max: "15s", startDeadline: "14s" },
  };
  await client.create(SESSION_TEMPLATES, {
    apiVersion: plain.apiVersion,
    kind: plain.kind,
    metadata: { name: "brief" },
    spec,
  });
  resources.defer(() => client.delete(SESSION_TEMPLATES, "brief"));
  const reply = await eventually(
    () =>
      carrel.backend.createSession({ template: "brief", user: { id: "brief" } }, { deadlineMs: Date.now() + 30_000 }),
    { timeoutMs: 40_000 },
  );
  const brief = await client.get(SESSIONS, reply.session.name);
  const page = await browser.newPage();
  await page.addInitScript(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { closeCodes: seen });
    const Native = globalThis.WebSocket;
    globalThis.WebSocket = class extends Native {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener("close", (event) => seen.push(event.code));
      }
    };
  });
  await page.goto(reply.loginUrl ?? "");
  const short = new TerminalPage(page);
  await short.waitForShell();
  await short.run("kubectl create configmap mine --from-literal=a=b");

  await page.waitForFunction(() => /ended/i.test(document.body.innerText), undefined, { timeout: 30_000 });
  assert.ok(Date.now() >= Date.parse(brief.spec.expiresAt), "never early");
  assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { closeCodes: number[] }).closeCodes), [4002]);
  const answer = await proxyRequest(brief.status?.url ?? "", { headers: { accept: "application/json" } });
  assert.ok([401, 404, 410].includes(answer.status), String(answer.status));
  await page.close();

  await eventually(
    async () => {
      const { status } = await client.get(SESSIONS, brief.metadata.name);
      assert.equal(status?.phase, "Ended");
      assert.equal(status.endReason, "Expired");
    },
    { timeoutMs: 60_000 },
  );
  const left = await objectsMentioning(client, [brief.spec.workspace]);
  assert.deepEqual(left, []);
  // The tombstone is all that knows the name, and it says so by itself.
  assert.deepEqual(await objectsMentioning(client, [brief.metadata.name]), [
    `sessions.carrel.dev /${brief.metadata.name}`,
  ]);
  const namespaces = await client.list(NAMESPACES, { labelSelector: `${LABELS.workspace}=${brief.spec.workspace}` });
  assert.deepEqual(namespaces.items, []);
});

test("ended by its user: the same end, and the first session is gone too", async () => {
  await carrel.backend.endSession(session.metadata.name);
  await eventually(
    async () => assert.equal((await carrel.client.get(SESSIONS, session.metadata.name)).status?.phase, "Ended"),
    { timeoutMs: 60_000 },
  );
  assert.deepEqual(await objectsMentioning(carrel.client, [session.spec.workspace]), []);
});
