import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import type { ServerMessage } from "../protocol/server-message.ts";
import type { ClosePlan } from "./close-plan.ts";
import { isReport } from "./is-report.ts";
import type { Settings } from "./settings.ts";
import { TerminalConnection } from "./terminal-connection.ts";
import { FONT_FAMILY, THEME } from "./theme.ts";

/** What a terminal tells the page around it. */
export interface TerminalViewListener {
  onAttached(): void;
  onClosed(plan: ClosePlan): void;
  onTitle(title: string): void;
  /** The keyboard wants out of the terminal, which takes Tab for itself. */
  onLeave(): void;
}

/** One terminal on the page: a screen, and the connection that feeds it. */
export class TerminalView {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #connection: TerminalConnection;
  readonly #listener: TerminalViewListener;
  readonly #observer: ResizeObserver;
  #replayBytesLeft = 0;
  #used = false;
  #exited = false;

  constructor(id: string, panel: HTMLElement, settings: Settings, listener: TerminalViewListener) {
    this.#listener = listener;
    this.#terminal = new Terminal({
      theme: THEME,
      fontFamily: FONT_FAMILY,
      fontSize: settings.fontSize,
      screenReaderMode: settings.screenReader,
      lineHeight: 1.15,
      cursorBlink: true,
      scrollback: 10_000,
      minimumContrastRatio: 4.5,
      macOptionIsMeta: true,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new WebLinksAddon());
    this.#terminal.open(panel);
    this.#terminal.textarea?.setAttribute("aria-describedby", "keyboard-help");
    this.#connection = new TerminalConnection(id, {
      onMessage: (message) => this.#onMessage(message),
      onOutput: (bytes, shown) => this.#onOutput(bytes, shown),
      onClosed: (plan) => this.#onClosed(plan),
    });
    this.#forwardInput();
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(panel);
  }

  get connected(): boolean {
    return this.#connection.open;
  }

  connect(): void {
    this.fit();
    this.#exited = false;
    this.#connection.connect(this.#terminal);
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Takes all the room of its panel; a hidden panel has none and is left alone. */
  fit(): void {
    const wanted = this.#fit.proposeDimensions();
    if (wanted !== undefined && Number.isFinite(wanted.cols) && Number.isFinite(wanted.rows)) this.#fit.fit();
  }

  apply(settings: Settings): void {
    this.#terminal.options.fontSize = settings.fontSize;
    this.#terminal.options.screenReaderMode = settings.screenReader;
    this.fit();
  }

  /** Ends the shell and takes the terminal off the page. */
  end(): void {
    this.#connection.send({ type: "end" });
    this.#connection.disconnect();
    this.#observer.disconnect();
    this.#terminal.dispose();
  }

  #forwardInput(): void {
    const encoder = new TextEncoder();
    this.#terminal.onData((text) => {
      // The screen answers questions of programs, also those in the history: nobody waits for these answers any more.
      // What is typed while the history comes counts.
      if (this.#replayBytesLeft > 0 && isReport(text)) return;
      if (this.#exited && text === "\r") this.connect();
      else this.#connection.sendInput(encoder.encode(text));
    });
    this.#terminal.onBinary((text) => this.#connection.sendInput(Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff)));
    this.#terminal.onResize(({ cols, rows }) => this.#connection.send({ type: "resize", cols, rows }));
    this.#terminal.onTitleChange((title) => this.#listener.onTitle(title));
    this.#terminal.attachCustomKeyEventHandler((event) => {
      if (event.type !== "keydown") return true;
      if (event.key === "F6" && event.shiftKey) {
        this.#listener.onLeave();
        event.preventDefault();
        return false;
      }
      return !(isCopy(event) && this.#copySelection(event));
    });
  }

  #copySelection(event: KeyboardEvent): boolean {
    if (!this.#terminal.hasSelection()) return false;
    event.preventDefault();
    // Where the clipboard is denied (a frame without permission) the browser's own menu still copies.
    navigator.clipboard.writeText(this.#terminal.getSelection()).catch(() => undefined);
    return true;
  }

  #onMessage(message: ServerMessage): void {
    if (message.type === "attached") {
      this.#replayBytesLeft = message.replayBytes;
      if (message.resumed) this.#terminal.reset();
      else if (this.#used) this.#note("This is a new shell.");
      this.#used = true;
      this.#listener.onAttached();
    } else {
      const how = message.signal === 0 ? `with code ${message.exitCode}` : `by signal ${message.signal}`;
      this.#note(`The shell ended ${how}. Press Enter for a new one.`);
    }
  }

  #onOutput(bytes: Uint8Array, shown: () => void): void {
    this.#terminal.write(bytes, () => {
      this.#replayBytesLeft = Math.max(0, this.#replayBytesLeft - bytes.byteLength);
      shown();
    });
  }

  #onClosed(plan: ClosePlan): void {
    this.#exited = plan.action === "exited";
    // What was left of a history never comes now.
    this.#replayBytesLeft = 0;
    this.#listener.onClosed(plan);
  }

  /** A line of the page's own on the screen, dim and on a line for itself. */
  #note(text: string): void {
    this.#terminal.write(`\r\n\x1b[0;2m${text}\x1b[0m\r\n`);
  }
}

/** Ctrl+Shift+C and Ctrl+Insert: Ctrl+C alone is for the shell. */
function isCopy(event: KeyboardEvent): boolean {
  return event.ctrlKey && ((event.shiftKey && event.code === "KeyC") || event.key === "Insert");
}
