import { DEFAULT_TERMINAL_ID, isTerminalId } from "../protocol/terminal-id.ts";
import type { ClosePlan } from "./close-plan.ts";
import { element } from "./element.ts";
import { Notices } from "./notices.ts";
import { Reconnector } from "./reconnector.ts";
import { SessionClock } from "./session-clock.ts";
import { isOver } from "./session-status.ts";
import { loadSettings, saveSettings, type Settings, validSettings } from "./settings.ts";
import { TerminalTabs } from "./terminal-tabs.ts";
import { TerminalView } from "./terminal-view.ts";

interface OpenTerminal {
  readonly view: TerminalView;
  readonly reconnector: Reconnector;
  /** What the page says while this terminal is selected. */
  notice: { readonly text: string; readonly canRetry: boolean } | undefined;
}

/** What the server lists of itself. */
export interface TerminalList {
  readonly terminals: readonly string[];
  readonly limit: number;
}

/** The whole page: tabs with terminals, notices, the time that is left, settings. */
export class TerminalPage {
  readonly #terminals = new Map<string, OpenTerminal>();
  readonly #tabs: TerminalTabs;
  readonly #notices: Notices;
  readonly #clock: SessionClock;
  readonly #limit: number;
  #settings: Settings = loadSettings();

  /** Opens the terminals that run, and the one that the page's address asks for (`?id=`), or the first. */
  constructor(running: TerminalList) {
    this.#limit = running.limit;
    this.#notices = new Notices(() => this.#retryAll());
    this.#tabs = new TerminalTabs({ onSelect: (id) => this.#select(id), onClose: (id) => this.#close(id) });
    this.#clock = new SessionClock((status) => {
      if (isOver(status)) this.#end(() => this.#notices.ended(status.reason));
    });
    const asked = new URLSearchParams(location.search).get("id");
    const wanted = asked !== null && isTerminalId(asked) ? asked : (running.terminals[0] ?? DEFAULT_TERMINAL_ID);
    for (const id of new Set([...running.terminals, wanted])) this.#open(id);
    this.#tabs.select(wanted);
    this.#wireToolbar();
    window.addEventListener("online", () => this.#retryAll());
    document.addEventListener("visibilitychange", () => document.hidden || this.#retryAll());
  }

  #open(id: string): void {
    const tab = this.#tabs.add(id);
    const notice = (text: string, canRetry = true): void => this.#setNotice(id, { text, canRetry });
    const reconnector = new Reconnector({
      connect: () => this.#terminals.get(id)?.view.connect(),
      show: notice,
      ended: (reason) => this.#end(() => this.#notices.ended(reason)),
      signedOut: (forbidden) => this.#end(() => this.#notices.signedOut(forbidden)),
    });
    const view = new TerminalView(id, tab.panel, this.#settings, {
      onAttached: () => {
        reconnector.cancel();
        this.#setNotice(id, undefined);
      },
      onClosed: (plan) => this.#followPlan(plan, reconnector, notice),
      onTitle: (title) => {
        tab.setTitle(title);
        if (this.#tabs.selected === id && !this.#notices.isFinal) document.title = title === "" ? "Terminal" : title;
      },
      onLeave: () => this.#tabs.focus(),
    });
    this.#terminals.set(id, { view, reconnector, notice: undefined });
  }

  #followPlan(plan: ClosePlan, reconnector: Reconnector, notice: (text: string, canRetry?: boolean) => void): void {
    if (this.#notices.isFinal) return;
    switch (plan.action) {
      case "exited":
        return;
      case "ended":
        return this.#end(() => this.#notices.ended(plan.reason));
      case "signed-out":
        return this.#end(() => this.#notices.signedOut(plan.forbidden));
      case "failed":
        return notice(plan.message, false);
      case "reconnect":
        return reconnector.follow(plan);
    }
  }

  /** Nothing is tried again after this. */
  #end(say: () => void): void {
    if (this.#notices.isFinal) return;
    this.#clock.stop();
    for (const { reconnector } of this.#terminals.values()) reconnector.cancel();
    say();
  }

  #setNotice(id: string, notice: OpenTerminal["notice"]): void {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined) return;
    terminal.notice = notice;
    if (this.#tabs.selected === id) this.#showNotice(notice);
  }

  #showNotice(notice: OpenTerminal["notice"]): void {
    if (notice === undefined) this.#notices.hide();
    else this.#notices.show(notice.text, notice.canRetry);
  }

  #select(id: string): void {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined) return;
    this.#showNotice(terminal.notice);
    terminal.view.fit();
    if (!terminal.view.connected && terminal.notice === undefined) terminal.view.connect();
    terminal.view.focus();
  }

  #close(id: string): void {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined) return;
    terminal.reconnector.cancel();
    terminal.view.end();
    this.#terminals.delete(id);
    this.#tabs.remove(id);
    if (this.#terminals.size === 0) this.#add();
    this.#updateAddButton();
  }

  #add(): void {
    if (this.#terminals.size >= this.#limit) return;
    let number = 1;
    while (this.#terminals.has(String(number))) number += 1;
    this.#open(String(number));
    this.#tabs.select(String(number));
    this.#updateAddButton();
  }

  #updateAddButton(): void {
    element("new-terminal").toggleAttribute("disabled", this.#terminals.size >= this.#limit);
  }

  #retryAll(): void {
    for (const { reconnector } of this.#terminals.values()) reconnector.now();
  }

  #wireToolbar(): void {
    element("new-terminal").addEventListener("click", () => this.#add());
    element("smaller").addEventListener("click", () => this.#change({ fontSize: this.#settings.fontSize - 1 }));
    element("larger").addEventListener("click", () => this.#change({ fontSize: this.#settings.fontSize + 1 }));
    element("screen-reader").addEventListener("click", () =>
      this.#change({ screenReader: !this.#settings.screenReader }),
    );
    this.#change({});
    this.#updateAddButton();
  }

  #change(settings: Partial<Settings>): void {
    this.#settings = validSettings({ ...this.#settings, ...settings });
    saveSettings(this.#settings);
    element("screen-reader").setAttribute("aria-pressed", String(this.#settings.screenReader));
    for (const { view } of this.#terminals.values()) view.apply(this.#settings);
  }
}
