import { chromium, type Browser, type Page } from "playwright-core";

/** Debian's Chromium, headless, without its chatter to the outside. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
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
}

/** A terminal in a page, as a person uses it. */
export class TerminalPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits for the shell's prompt. */
  async waitForShell(): Promise<void> {
    await this.page.waitForSelector(".xterm-rows", { timeout: 30_000 });
    await this.page.waitForFunction(
      () => /[$#] *$/m.test(document.querySelector(".xterm-rows")?.textContent ?? ""),
      undefined,
      { timeout: 30_000 },
    );
  }

  /** What the terminal shows, without line breaks: long lines wrap. */
  async text(): Promise<string> {
    return (await this.page.locator(".xterm-rows").first().innerText()).replaceAll("\n", "").replaceAll("\u00a0", " ");
  }

  /** Types a command, waits for its end, and gives its output and exit code. */
  async run(command: string, timeoutMs = 30_000): Promise<{ readonly output: string; readonly code: number }> {
    const mark = `m${Math.random().toString(36).slice(2, 10)}`;
    await this.page.keyboard.type("clear");
    await this.page.keyboard.press("Enter");
    await this.page.keyboard.insertText(`(${command}) 2>&1; echo "${mark.slice(0, 4)}""${mark.slice(4)}:$?:"`);
    await this.page.keyboard.press("Enter");
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const shown = await this.text();
      const found = new RegExp(`${mark}:(\\d+):`).exec(shown);
      if (found !== null) return { output: shown.slice(0, found.index), code: Number(found[1]) };
      if (performance.now() > deadline)
        throw new Error(`no end of \`${command}\` in ${timeoutMs} ms; the terminal shows: ${shown}`);
      await this.page.waitForTimeout(100);
    }
  }
}
