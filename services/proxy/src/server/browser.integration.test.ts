import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import { aRoute, DOMAIN, SESSION } from "../testing/a-route.ts";
import { DESK_PAGE } from "../testing/desk-page.ts";
import { RecordingPod } from "../testing/recording-pod.ts";
import { startProxy, type TestProxy } from "../testing/start-proxy.ts";

// What a browser does is known only from a browser: `__Host-` cookies on *.localhost, redirects, Origin, close codes.
const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });

async function setUp(t: TestContext): Promise<{ proxy: TestProxy; pod: RecordingPod; page: Page; origin: string }> {
  const pod = await RecordingPod.start();
  pod.onRequest = (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(DESK_PAGE);
  };
  // The port is known only once it listens, and pages name it: so the first proxy only finds a free one.
  const probe = await startProxy();
  const { port } = probe;
  await probe[Symbol.asyncDispose]();
  const proxy = await startProxy({ port, listenPort: port });
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });
  proxy.routes.set(aRoute(pod.port));
  return { proxy, pod, page: await browser.newPage(), origin: `http://${SESSION}.${DOMAIN}:${port}` };
}

const logText = (page: Page) => page.locator("#log").textContent();

test("a link signs in, the address is clean, the page's WebSocket echoes, and the session's end reaches it", async (t) => {
  const { proxy, pod, page, origin } = await setUp(t);
  await page.goto(`${origin}/lab?view=1&carrel_token=${await proxy.mint("exchange")}`);
  assert.equal(page.url(), `${origin}/lab?view=1`);
  await page.locator("#log", { hasText: "echo: hello from the page" }).waitFor();
  const [cookie] = await page.context().cookies();
  assert.deepEqual(
    [cookie?.name, cookie?.domain, cookie?.path, cookie?.secure, cookie?.httpOnly, cookie?.sameSite],
    ["__Host-carrel", `${SESSION}.${DOMAIN}`, "/", true, true, "Lax"],
  );
  assert.equal(await page.evaluate("document.cookie"), "", "no script can read it");
  assert.equal(pod.received.includes("__Host-carrel"), false);
  assert.equal(pod.received.includes("carrel_token"), false);

  const status = await page.evaluate(async () => (await fetch("/.carrel/status")).json() as Promise<{ phase: string }>);
  assert.equal(status.phase, "Ready");
  proxy.routes.change(SESSION, { closed: true, phase: "Ending", endReason: "EndedByUser" });
  await page.locator("#log", { hasText: "closed:" }).waitFor();
  assert.match((await logText(page)) ?? "", /closed: 4002 EndedByUser/);
  await page.reload();
  assert.equal(await page.title(), "This session has ended");
});

test("the waiting page follows the start and opens the workspace by itself", async (t) => {
  const { proxy, page, origin } = await setUp(t);
  const problems: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
  proxy.routes.change(SESSION, { phase: "Queued", reason: "Queued", message: "Place 3 of 12" });
  await page.goto(`${origin}/?carrel_token=${await proxy.mint("exchange")}`);
  await page.getByText("Place 3 of 12").waitFor();
  assert.equal(await page.locator("[aria-current=step]").textContent(), "Waiting for a place");
  proxy.routes.change(SESSION, { phase: "Provisioning", reason: "PodStarting", message: "" });
  await page.locator("[aria-current=step]", { hasText: "Setting up your workspace" }).waitFor();
  proxy.routes.change(SESSION, { phase: "Ready" });
  await page.getByRole("heading", { name: "Desk", exact: true }).waitFor();
  // The waiting page is a 503, which the console calls an error; anything else would be one.
  assert.deepEqual(
    problems.filter((text) => !text.includes("503")),
    [],
  );
});

test("an endpoint's host signs in by a hop over the session's host", async (t) => {
  const { proxy, page, origin } = await setUp(t);
  await page.goto(`${origin}/?carrel_token=${await proxy.mint("exchange")}`);
  const there = origin.replace("http://", "http://team--");
  await page.goto(`${there}/lab?x=%7E`);
  assert.equal(page.url(), `${there}/lab?x=%7E`);
  assert.equal(await page.title(), "Desk");
  await page.locator("#log", { hasText: "echo: hello from the page" }).waitFor();
});

test("a sibling session's page can neither write here nor open a WebSocket", async (t) => {
  const { proxy, pod, page, origin } = await setUp(t);
  const sibling = "sbbbbbbbbbbbbbbbbbbbb";
  proxy.routes.set(
    aRoute(pod.port, { session: sibling, endpoints: new Map([["main", { port: pod.port, access: "public" }]]) }),
  );
  await page.goto(`${origin}/?carrel_token=${await proxy.mint("exchange")}`);
  await page.goto(origin.replace(SESSION, sibling));
  assert.equal(await page.title(), "Desk");
  // The sibling's page has its own WebSocket to the same pod.
  await page.locator("#log").filter({ hasText: "echo: " }).waitFor();
  pod.forget();
  const outcome = await page.evaluate(async (target) => {
    const posted = await fetch(`${target}/write`, {
      method: "POST",
      body: "x",
      credentials: "include",
      mode: "no-cors",
    });
    const code = await new Promise<number>((resolve) => {
      new WebSocket(`${target.replace("http", "ws")}/echo`).onclose = (event) => resolve(event.code);
    });
    return { type: posted.type, code };
  }, origin);
  assert.deepEqual(outcome, { type: "opaque", code: 1006 });
  assert.equal(pod.received.includes("/write"), false);
  assert.equal(pod.received.includes("/echo"), false);
});
