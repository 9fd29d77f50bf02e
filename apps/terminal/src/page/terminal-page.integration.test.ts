import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { type CuttingProxy, startCuttingProxy } from "../testing/cutting-proxy.ts";
import { startTestServer } from "../testing/start-test-server.ts";

const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

let browser: Browser;
let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "carrel-terminal-page-"));
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: CHROMIUM_ARGS });
});
after(async () => {
  await browser.close();
  await rm(dir, { recursive: true, force: true });
});

test("a command typed in the page shows its output", async (t) => {
  const { page } = await open(t);
  await page.keyboard.type("echo $((6*7))\n");
  await screenShows(page, /^42$/m);
});

test("the page violates no policy and logs no error", async (t) => {
  const problems: string[] = [];
  const { page } = await open(t, (made) => {
    made.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    made.on("pageerror", (error) => problems.push(String(error)));
  });
  await page.keyboard.type("printf '\\033[31mred\\033[0m \\033]2;my title\\007done\\n'\n");
  await screenShows(page, /red done/);
  await page.waitForFunction(() => document.title === "my title");
  // The status path of a server without Carrel: one 404, then it is left alone.
  assert.deepEqual(
    problems.filter((problem) => !problem.includes("404")),
    [],
  );
});

test("several terminals are tabs, found again after a reload", async (t) => {
  const { page } = await open(t);
  await page.keyboard.type("echo first-$((1+1))\n");
  await screenShows(page, /first-2/);
  await page.getByRole("button", { name: "New terminal" }).click();
  await page.keyboard.type("echo second-$((1+1))\n");
  await screenShows(page, /second-2/);
  await page.keyboard.press("Shift+F6");
  await page.keyboard.press("ArrowLeft");
  await screenShows(page, /first-2/);
  await page.reload();
  await screenShows(page, /first-2/);
  assert.deepEqual(await page.getByRole("tab").allTextContents(), ["Terminal 1", "Terminal 2"]);
  await page.getByRole("tab", { name: "Terminal 2" }).click();
  await screenShows(page, /second-2/);
  await page.getByRole("button", { name: "End terminal 2" }).click();
  await screenShows(page, /first-2/);
  assert.equal(await page.getByRole("tab").count(), 1);
});

test("the shell's own questions are not answered again from the history", async (t) => {
  const { page, proxy } = await open(t);
  await page.keyboard.type("read -rs -d c -p $'\\e[c' x; echo asked\n");
  await screenShows(page, /^asked$/m);
  proxy.break();
  await page.waitForFunction(() => document.querySelector("#banner")?.hasAttribute("hidden") === false);
  await page.waitForFunction(() => document.querySelector("#banner")?.hasAttribute("hidden"));
  // The banner goes when the shell is attached: what is typed from then on counts, while its history still comes.
  await page.keyboard.type("echo still-$((1+1))\n");
  await screenShows(page, /^\$ echo still/m);
});

test("what is typed while the history comes counts", async (t) => {
  const { page, proxy } = await open(t);
  await page.keyboard.type("seq 1 3000\n");
  await screenShows(page, /^3000$/m);
  // Pastes in the very turn in which the page hears that it is attached: none of the history is there yet.
  await page.evaluate(() => {
    const banner = document.querySelector("#banner");
    if (banner === null) throw new Error("the page has no banner");
    const observer = new MutationObserver(() => {
      if (!banner.hasAttribute("hidden")) return;
      observer.disconnect();
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "echo early-$((1+1))\n");
      const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      document.querySelector(".panel:not([hidden]) textarea")?.dispatchEvent(paste);
    });
    observer.observe(banner, { attributes: true });
  });
  proxy.break();
  await screenShows(page, /^early-2$/m);
});

test("4002 says that the session has ended and why, and never reconnects", async (t) => {
  const { page, proxy } = await open(t);
  proxy.cut(4002, "Expired");
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText("This session has ended").waitFor();
  await dialog.getByText("Its time was up.").waitFor();
  await setTimeout(2_500);
  assert.equal(proxy.open, 0);
});

test("4001 and 4003 offer to reload", async (t) => {
  for (const [code, title] of [
    [4001, "Signed out"],
    [4003, "No access"],
  ] as const) {
    const { page, proxy } = await open(t);
    proxy.cut(code);
    await page.getByRole("heading", { name: title }).waitFor();
    assert.equal(proxy.open, 0);
    await page.getByRole("button", { name: "Reload" }).click();
    await page.waitForFunction(() => document.querySelector("#final")?.hasAttribute("hidden"));
    await until(() => proxy.open === 1);
  }
});

test("other closes reconnect to the same shell", async (t) => {
  const { page, proxy } = await open(t);
  await page.keyboard.type("NAME=kept\n");
  for (const code of [1012, 1013, 1014]) {
    proxy.cut(code);
    await until(() => proxy.open === 0);
    await until(() => proxy.open === 1);
  }
  proxy.break();
  await page.getByText("Connection lost. Reconnecting…").waitFor();
  await until(() => proxy.open === 1);
  await page.getByText("Connection lost. Reconnecting…").waitFor({ state: "hidden" });
  await page.keyboard.type("echo $NAME-$((6*7))\n");
  await screenShows(page, /^kept-42$/m);
});

test("after repeated failures the page says what the status says", async (t) => {
  const { page, proxy } = await open(t);
  proxy.refusing = true;
  proxy.statusAnswer = { status: 503, body: '{"phase":"Provisioning"}' };
  proxy.break();
  await page.getByText("Your workspace is starting…").waitFor();
  proxy.statusAnswer = { status: 410, body: '{"phase":"Ended","reason":"EndedByTenant"}' };
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByText("The service that opened it has ended it.").waitFor();
});

test("a lost sign-in is found by the status", async (t) => {
  const { page, proxy } = await open(t);
  proxy.refusing = true;
  proxy.statusAnswer = { status: 401, body: '{"code":"UNAUTHENTICATED"}' };
  proxy.break();
  await page.getByRole("heading", { name: "Signed out" }).waitFor();
});

test("the remaining time is shown and counts down", async (t) => {
  const expiresAt = new Date(Date.now() + 65_000).toISOString();
  const { page, proxy } = await open(t, undefined, `{"phase":"Ready","expiresAt":"${expiresAt}"}`);
  const first = Number.parseInt(await page.getByRole("timer").innerText(), 10);
  assert.ok(first > 55 && first <= 65, String(first));
  await until(async () => Number.parseInt(await page.getByRole("timer").innerText(), 10) <= first - 2);
  assert.equal(proxy.statusRequests, 1);
});

test("a flood of output leaves the page usable", async (t) => {
  const { page } = await open(t);
  const start = performance.now();
  await page.keyboard.type("yes | head -c 20M; echo done-$((1+1))\n");
  await screenShows(page, /^done-2$/m, 120_000);
  t.diagnostic(`20 MiB on the screen in ${((performance.now() - start) / 1000).toFixed(1)} s`);
});

interface Opened {
  readonly page: Page;
  readonly proxy: CuttingProxy;
}

/** Opens the page behind a proxy and waits for the prompt; everything is closed when the test is over. */
async function open(t: TestContext, prepare: (page: Page) => void = () => undefined, status?: string): Promise<Opened> {
  const server = await startTestServer();
  const proxy = await startCuttingProxy(server.port);
  if (status !== undefined) proxy.statusAnswer = { status: 200, body: status };
  const page = await browser.newPage({ viewport: { width: 1000, height: 600 } });
  t.after(async () => {
    await page.screenshot({ path: join(dir, "last.png") });
    await page.close();
    await proxy[Symbol.asyncDispose]();
    await server.close();
  });
  prepare(page);
  await page.goto(proxy.url);
  await screenShows(page, /^\$/m);
  return { page, proxy };
}

/** Waits until the rows of the visible terminal match. */
async function screenShows(page: Page, pattern: RegExp, timeoutMs = 30_000): Promise<void> {
  let text = "";
  for (const end = performance.now() + timeoutMs; performance.now() < end; await setTimeout(50)) {
    const rows = await page.locator(".panel:not([hidden]) .xterm-rows > div").allInnerTexts();
    text = rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
    if (pattern.test(text)) return;
  }
  assert.match(text, pattern);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !(await condition()); await setTimeout(20)) {
    assert.ok(performance.now() < end, "timed out");
  }
}
