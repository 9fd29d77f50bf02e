import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import { aRoute, DOMAIN, SESSION } from "../testing/a-route.ts";
import { RecordingPod } from "../testing/recording-pod.ts";
import { startProxy, type TestProxy } from "../testing/start-proxy.ts";

/** Who may show a session in a frame. */
const HOST = `${SESSION}.${DOMAIN}`;
const navigation = { Accept: "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" };

async function setUp(
  t: TestContext,
  frameAncestors: readonly string[] = [],
): Promise<{ proxy: TestProxy; pod: RecordingPod }> {
  const pod = await RecordingPod.start();
  const proxy = await startProxy({ frameAncestors });
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });
  proxy.routes.set(aRoute(pod.port));
  return { proxy, pod };
}

interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(
  { port }: TestProxy,
  { path = "/", method = "GET", host = HOST, headers = {} }: Ask,
): Promise<IncomingMessage> {
  const outgoing = request({
    port,
    host: "127.0.0.1",
    path,
    method,
    headers: { Host: host, ...headers },
    agent: false,
  });
  outgoing.end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  answer.resume();
  return answer;
}

const cookieOf = (answer: IncomingMessage): string => answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
/** Values of all headers of this name: more than one policy counts. */
const policiesOf = ({ rawHeaders }: IncomingMessage): string[] =>
  rawHeaders.filter((_, index) => /^content-security-policy$/i.test(rawHeaders[index - 1] ?? ""));

test("a page of one session is not for the page of another, whatever its pod says", async (t) => {
  const { proxy, pod } = await setUp(t);
  const signIn = await ask(proxy, { path: `/?carrel_token=${await proxy.mint("exchange")}`, headers: navigation });
  assert.match(signIn.headers["set-cookie"]?.[0] ?? "", /; SameSite=Lax$/);
  const Cookie = cookieOf(signIn);
  const page = await ask(proxy, { headers: { ...navigation, Cookie } });
  assert.deepEqual([page.statusCode, policiesOf(page)], [200, [`frame-ancestors 'self' http://${HOST}`]]);

  const route = aRoute(pod.port);
  proxy.routes.set({ ...route, endpoints: new Map([["poster", { port: pod.port, access: "public" }]]) });
  const poster = await ask(proxy, { host: `poster--${HOST}`, headers: navigation });
  assert.deepEqual([poster.statusCode, policiesOf(poster)], [200, [`frame-ancestors 'self' http://${HOST}`]]);

  proxy.routes.set(route);
  const script = await ask(proxy, { headers: { Cookie, "Sec-Fetch-Mode": "cors" } });
  assert.deepEqual([script.statusCode, policiesOf(script)], [200, []], "a script's answer is no page");
});

test("where the operator names a site, the cookie is for frames in it, and no other's", async (t) => {
  const { proxy } = await setUp(t, ["https://learn.example.com"]);
  const framed = { ...navigation, "Sec-Fetch-Site": "cross-site" };
  const signIn = await ask(proxy, { path: `/?carrel_token=${await proxy.mint("exchange")}`, headers: framed });
  const attributes = /; Path=\/; Secure; HttpOnly; SameSite=None; Partitioned$/;
  assert.match(signIn.headers["set-cookie"]?.[0] ?? "", attributes);
  const Cookie = cookieOf(signIn);
  const page = await ask(proxy, { headers: { ...framed, Cookie } });
  const policy = `frame-ancestors 'self' http://${HOST} https://learn.example.com`;
  assert.deepEqual([page.statusCode, policiesOf(page)], [200, [policy]]);
  const stranger = await ask(proxy, { headers: framed });
  assert.equal(stranger.statusCode, 401);
  assert.match(policiesOf(stranger).join(), /frame-ancestors 'self' https:\/\/learn\.example\.com$/);
  // A browser deletes what it was told with the same attributes.
  const out = await ask(proxy, { path: "/.carrel/logout", method: "POST", headers: { Cookie } });
  assert.match(out.headers["set-cookie"]?.[0] ?? "", attributes);
});
