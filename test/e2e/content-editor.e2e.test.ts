import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "@carrel/testkit";
import type { Browser, BrowserContext, Frame, Page } from "playwright-core";
import { launchBrowser, TerminalPage } from "./support/browser.ts";
import { installedCarrel, type InstalledCarrel } from "./support/carrel.ts";
import { ServiceKiller } from "./support/kill-service.ts";

/** deploy/examples/editor.yaml in a browser: a terminal and an editor over the same files, alone and in another site's page. */
const resources = new AsyncDisposableStack();
let carrel: InstalledCarrel;
let browser: Browser;
let portal: Server;
/** Another site than that of the sessions; the operator named it. */
let learn: string;
let directory: string;

before(async () => {
  portal = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://portal");
    response.setHeader("content-type", "text/html");
    response.end(`<iframe id="desk" style="width:99%;height:600px" src="${searchParams.get("show") ?? ""}"></iframe>`);
  });
  portal.listen(0, "127.0.0.1");
  await once(portal, "listening");
  resources.defer(() => void portal.close());
  learn = `http://learn.localhost:${(portal.address() as AddressInfo).port}`;
  carrel = resources.use(await installedCarrel({ set: [`proxy.frameAncestors={${learn}}`] }));
  browser = await launchBrowser();
  resources.defer(() => browser.close());
  directory = await mkdtemp(path.join(tmpdir(), "carrel-editor-"));
  resources.defer(() => rm(directory, { recursive: true }));
});
after(() => resources.disposeAsync());

async function start(user: string): Promise<{ name: string; loginUrl: string; editor: string }> {
  const reply = await eventually(
    () =>
      carrel.backend.createSession({ template: "editor", user: { id: user } }, { deadlineMs: Date.now() + 150_000 }),
    { timeoutMs: 160_000, everyMs: 500 },
  );
  assert.equal(reply.session.state, "ready", `${reply.session.reason} ${reply.session.message}`);
  const editor = reply.session.endpoints?.find(({ name }) => name === "editor")?.url ?? "";
  return { name: reply.session.name, loginUrl: reply.loginUrl ?? "", editor };
}

describe("a terminal and an editor of one pod", () => {
  let context: BrowserContext;
  let session: Awaited<ReturnType<typeof start>>;
  let terminal: TerminalPage;
  let editor: Page;

  test("one sign-in opens both, each at its own host", async () => {
    session = await start("edith");
    context = await browser.newContext({ acceptDownloads: true });
    resources.defer(() => context.close());
    const page = await context.newPage();
    await page.goto(session.loginUrl);
    terminal = new TerminalPage(page);
    await terminal.waitForShell();
    editor = await context.newPage();
    await editor.goto(session.editor);
    await editor.waitForSelector(".jp-Launcher", { timeout: 60_000 });
    assert.notEqual(new URL(editor.url()).host, new URL(page.url()).host);
  });

  test("git: what is cloned in the terminal is edited in the editor, and committed in the terminal", async () => {
    const made = await terminal.run(
      "git init -q lesson && cd lesson && git config user.email l@example.com && git config user.name L && echo one > text.txt && git add . && git commit -qm first && git clone -q ~/lesson ~/copy",
    );
    assert.equal(made.code, 0, made.output);
    await editor.goto(`${session.editor}lab/tree/lesson/text.txt`);
    await editor.waitForSelector(".jp-FileEditor .cm-content", { timeout: 60_000 });
    await editor.click(".jp-FileEditor .cm-content");
    await editor.keyboard.press("Control+End");
    await editor.keyboard.type("two, from the editor\n");
    await editor.keyboard.press("Control+s");
    await eventually(
      async () => assert.match((await terminal.run("cat ~/lesson/text.txt")).output, /two, from the editor/),
      { timeoutMs: 20_000 },
    );
    const pulled = await terminal.run(
      "cd ~/lesson && git commit -qam second && cd ~/copy && git pull -q && cat text.txt",
    );
    assert.match(pulled.output, /two, from the editor/);
  });

  test("files go up in the editor and come down from it; the terminal has them too", async () => {
    const upload = path.join(directory, "numbers.csv");
    await writeFile(upload, "6,7\n");
    await editor.goto(`${session.editor}lab/tree/copy`);
    const button = 'jp-button[title*="Upload"], [title^="Upload Files"]';
    await editor.waitForSelector(button, { timeout: 60_000 });
    const [chooser] = await Promise.all([editor.waitForEvent("filechooser"), editor.click(button)]);
    await chooser.setFiles(upload);
    await eventually(async () => assert.match((await terminal.run("cat $(find ~ -name numbers.csv)")).output, /6,7/), {
      timeoutMs: 20_000,
    });
    const [download] = await Promise.all([
      editor.waitForEvent("download"),
      editor.evaluate(() => {
        const link = document.createElement("a");
        link.href = "/files/copy/text.txt?download=1";
        link.download = "text.txt";
        document.body.append(link);
        link.click();
      }),
    ]);
    const saved = path.join(directory, "down.txt");
    await download.saveAs(saved);
    assert.match(await readFile(saved, "utf8"), /^one\ntwo, from the editor/);
  });

  test("when every proxy is killed, terminal and editor connect again by themselves and go on where they were", async () => {
    assert.equal((await terminal.run("marked=before")).code, 0);
    await terminal.page.keyboard.type("kept=still-here");
    await terminal.page.keyboard.press("Enter");
    const killer = new ServiceKiller(carrel.client);
    await killer.freshPods("proxy");
    const again = terminal.page.waitForEvent("websocket", { timeout: 60_000 });
    await killer.kill("proxy");
    await again;
    await eventually(
      async () => assert.match((await terminal.run("echo $kept", 5_000)).output, /still-here/, "the same shell"),
      { timeoutMs: 60_000 },
    );
    // The editor saves as before, without being loaded again.
    await editor.goto(`${session.editor}lab/tree/lesson/text.txt`);
    await editor.waitForSelector(".jp-FileEditor .cm-content", { timeout: 60_000 });
    await killer.freshPods("proxy");
    await killer.kill("proxy");
    await killer.freshPods("proxy");
    await editor.click(".jp-FileEditor .cm-content");
    await editor.keyboard.press("Control+End");
    await editor.keyboard.type("three, after the kill\n");
    await eventually(
      async () => {
        await editor.keyboard.press("Control+s");
        assert.match((await terminal.run("cat ~/lesson/text.txt", 10_000)).output, /three, after the kill/);
      },
      { timeoutMs: 60_000, everyMs: 1_000 },
    );
    await carrel.backend.endSession(session.name);
  });
});

describe("in a frame of another site", () => {
  const frameOf = async (page: Page): Promise<Frame> => {
    const handle = await page.waitForSelector("#desk");
    const frame = await handle.contentFrame();
    assert.ok(frame);
    return frame;
  };

  test("the site that the operator named shows terminal and editor, signed in in the frame", async () => {
    const session = await start("fred");
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${learn}/?show=${encodeURIComponent(session.loginUrl)}`);
    const frame = await frameOf(page);
    await frame.waitForSelector(".xterm-rows", { timeout: 30_000 });
    await frame.waitForFunction(() => /[$#] *$/m.test(document.querySelector(".xterm-rows")?.textContent ?? ""));
    await frame.click(".xterm");
    await page.keyboard.type("echo framed-$((6*7))");
    await page.keyboard.press("Enter");
    await frame.waitForFunction(
      () => document.querySelector(".xterm-rows")?.textContent?.includes("framed-42"),
      undefined,
      {
        timeout: 30_000,
      },
    );
    // The editor has no sign-in of its own: the session's, in this very site, is enough. More is not looked at: in a frame
    // of another site this JupyterLab looks for another name of its workspace again and again.
    const lab = page.waitForResponse((response) => response.url().startsWith(`${session.editor}lab`));
    await page.goto(`${learn}/?show=${encodeURIComponent(session.editor)}`);
    assert.equal((await lab).status(), 200);

    // Another site that embeds the same page meets a stranger, and a page that it may not show.
    const other = learn.replace("learn.", "other.");
    const refused = await context.newPage();
    const answer = refused.waitForResponse((response) => response.url().startsWith(session.editor));
    await refused.goto(`${other}/?show=${encodeURIComponent(session.editor)}`);
    assert.notEqual((await answer).status(), 200);
    await context.close();
    await carrel.backend.endSession(session.name);
  });
});
