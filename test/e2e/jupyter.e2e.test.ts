import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { launchBrowser } from "./support/browser.ts";
import { installedCarrel } from "./support/carrel.ts";

test("JupyterLab, which nobody here wrote: a cell runs over WebSocket, a file goes up and comes down", async (t) => {
  const carrel = await installedCarrel();
  t.after(() => carrel[Symbol.asyncDispose]());
  const reply = await carrel.backend.createSession(
    { template: "jupyter", user: { id: "jo" } },
    { deadlineMs: Date.now() + 150_000 },
  );
  assert.equal(reply.session.state, "ready", `${reply.session.reason} ${reply.session.message}`);
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const directory = await mkdtemp(path.join(tmpdir(), "carrel-jupyter-"));
  t.after(() => rm(directory, { recursive: true }));
  const page = await browser.newPage({ acceptDownloads: true });
  await page.goto(reply.loginUrl ?? "");
  await page.waitForSelector(".jp-Launcher", { timeout: 60_000 });

  await page.click('.jp-LauncherCard[data-category="Notebook"]');
  await page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: 30_000 });

  const upload = path.join(directory, "numbers.csv");
  await writeFile(upload, "6,7\n");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.click('[data-command="filebrowser:upload"], jp-button[title*="Upload"], [title^="Upload Files"]'),
  ]);
  await chooser.setFiles(upload);
  await page.waitForSelector('.jp-DirListing-item[title*="numbers.csv"]', { timeout: 30_000 });

  // JupyterLab opens what was uploaded in a tab of its own.
  await page.click('.lm-TabBar-tab:has-text("Untitled.ipynb")');
  await page.click(".jp-Notebook .jp-Cell .cm-content");
  await page.keyboard.type("a, b = open('numbers.csv').read().split(',')\nprint('product', int(a) * int(b))\n");
  await page.keyboard.press("Shift+Enter");
  await page.waitForFunction(() => document.body.innerText.includes("product 42"), undefined, { timeout: 60_000 });

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.evaluate(() => {
      const link = document.createElement("a");
      link.href = "/files/numbers.csv?download=1";
      link.download = "numbers.csv";
      document.body.append(link);
      link.click();
    }),
  ]);
  const saved = path.join(directory, "down.csv");
  await download.saveAs(saved);
  assert.equal(await readFile(saved, "utf8"), "6,7\n");
  await carrel.backend.endSession(reply.session.name);
});
