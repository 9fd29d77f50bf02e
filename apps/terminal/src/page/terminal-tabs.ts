import { create, element } from "./element.ts";

/** A tab with the panel that it shows. */
export interface TerminalTab {
  readonly id: string;
  readonly panel: HTMLElement;
  setTitle(title: string): void;
}

/** What the tabs tell the page. */
export interface TerminalTabsListener {
  onSelect(id: string): void;
  onClose(id: string): void;
}

interface Parts extends TerminalTab {
  readonly tab: HTMLElement;
  readonly button: HTMLButtonElement;
}

/**
 * The row of tabs, as the ARIA Authoring Practices describe it: one stop for Tab, arrow keys go along and select,
 * Delete closes.
 */
export class TerminalTabs {
  readonly #list = element("tabs");
  readonly #panels = element("panels");
  readonly #listener: TerminalTabsListener;
  readonly #tabs = new Map<string, Parts>();
  #selected: string | undefined;

  constructor(listener: TerminalTabsListener) {
    this.#listener = listener;
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get selected(): string | undefined {
    return this.#selected;
  }

  get ids(): readonly string[] {
    return [...this.#tabs.keys()];
  }

  add(id: string): TerminalTab {
    const label = create("span", { className: "tab-label", textContent: `Terminal ${id}` });
    const button = create(
      "button",
      { className: "tab-button", id: `tab-${id}` },
      { role: "tab", type: "button", "aria-controls": `panel-${id}`, "aria-selected": "false", tabindex: "-1" },
      [label],
    );
    const close = create(
      "button",
      { className: "tab-close", textContent: "×", title: "End this shell" },
      { type: "button", "aria-label": `End terminal ${id}`, tabindex: "-1" },
    );
    const tab = create("div", { className: "tab" }, { role: "presentation" }, [button, close]);
    const panel = create(
      "section",
      { className: "panel", id: `panel-${id}` },
      { role: "tabpanel", "aria-labelledby": `tab-${id}` },
    );
    panel.hidden = true;
    button.addEventListener("click", () => this.select(id));
    close.addEventListener("click", () => this.#listener.onClose(id));
    this.#list.append(tab);
    this.#panels.append(panel);
    const setTitle = (title: string): void => {
      button.title = title;
    };
    const parts = { id, tab, button, panel, setTitle };
    this.#tabs.set(id, parts);
    return parts;
  }

  /** Shows a tab's panel and tells the listener. */
  select(id: string): void {
    this.#selected = id;
    for (const { id: other, tab, button, panel } of this.#tabs.values()) {
      const isSelected = other === id;
      tab.classList.toggle("selected", isSelected);
      button.setAttribute("aria-selected", String(isSelected));
      button.tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    }
    this.#listener.onSelect(id);
  }

  /** Removes a tab. When it was the selected one its neighbour is selected, if there is any. */
  remove(id: string): void {
    const ids = this.ids;
    const at = ids.indexOf(id);
    const parts = this.#tabs.get(id);
    if (parts === undefined) return;
    parts.tab.remove();
    parts.panel.remove();
    this.#tabs.delete(id);
    const neighbour = ids[at + 1] ?? ids[at - 1];
    if (this.#selected === id && neighbour !== undefined) this.select(neighbour);
  }

  /** Puts the keyboard on the selected tab. */
  focus(): void {
    if (this.#selected !== undefined) this.#tabs.get(this.#selected)?.button.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const ids = this.ids;
    const at = this.#selected === undefined ? -1 : ids.indexOf(this.#selected);
    const target = keyTarget(event.key, at, ids.length);
    if (target !== undefined) {
      event.preventDefault();
      this.select(ids[target] ?? "");
      this.focus();
    } else if (event.key === "Delete" && this.#selected !== undefined) {
      this.#listener.onClose(this.#selected);
      this.focus();
    }
  }
}

/** Which of `count` tabs a key leads to from tab `at`, or undefined when it is no such key. */
export function keyTarget(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined;
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}
