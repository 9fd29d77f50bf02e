import { clearTimeout, setTimeout } from "node:timers";
import type { TerminalSize } from "../protocol/terminal-size.ts";
import type { NativePty } from "../shell/native-pty.ts";
import type { ShellCommand } from "../shell/shell.ts";
import { Terminal } from "./terminal.ts";
import type { Viewer } from "./viewer.ts";

/** Limits and means of a {@link TerminalRegistry}. */
export interface TerminalRegistryOptions {
  readonly pty: NativePty;
  readonly command: ShellCommand;
  readonly maxTerminals: number;
  readonly scrollbackBytes: number;
  /** How long a shell lives on without a viewer, in milliseconds. */
  readonly detachedTtlMs: number;
  readonly now: () => number;
}

/** The terminals of one server by id: opened by the first viewer, gone when the shell has exited. */
export class TerminalRegistry {
  readonly #options: TerminalRegistryOptions;
  readonly #terminals = new Map<string, Terminal>();
  readonly #expiry = new Map<string, NodeJS.Timeout>();
  #onEmpty: (() => void) | undefined;

  constructor(options: TerminalRegistryOptions) {
    this.#options = options;
  }

  /** Ids of the running terminals, oldest first. */
  get ids(): readonly string[] {
    return [...this.#terminals.keys()];
  }

  /**
   * Attaches a viewer to terminal `id`, starting its shell when there is none. Returns undefined when that would be one
   * terminal too many. @throws CarrelError `SHELL_FAILED`
   */
  attach(id: string, viewer: Viewer, size: TerminalSize): Terminal | undefined {
    const terminal = this.#terminals.get(id) ?? this.#create(id, size);
    if (terminal === undefined) return undefined;
    clearTimeout(this.#expiry.get(id));
    this.#expiry.delete(id);
    terminal.attach(viewer, size);
    return terminal;
  }

  /** Detaches a viewer. The last one starts the time after which the shell is ended. */
  detach(terminal: Terminal, viewer: Viewer): void {
    terminal.detach(viewer);
    if (terminal.viewers > 0 || this.#terminals.get(terminal.id) !== terminal) return;
    clearTimeout(this.#expiry.get(terminal.id));
    this.#expiry.set(terminal.id, setTimeout(() => terminal.end(), this.#options.detachedTtlMs).unref());
  }

  /** Cuts viewers that hold up others. */
  cutStalled(): void {
    for (const terminal of this.#terminals.values()) terminal.cutStalled();
  }

  /** Ends every shell; resolves when all have gone (they are killed after two seconds). */
  async endAll(): Promise<void> {
    if (this.#terminals.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    for (const terminal of this.#terminals.values()) terminal.end();
    await promise;
  }

  #create(id: string, size: TerminalSize): Terminal | undefined {
    const { maxTerminals, ...means } = this.#options;
    if (this.#terminals.size >= maxTerminals) return undefined;
    const terminal = new Terminal({ ...means, id, size, onExit: () => this.#remove(id) });
    this.#terminals.set(id, terminal);
    return terminal;
  }

  #remove(id: string): void {
    this.#terminals.delete(id);
    clearTimeout(this.#expiry.get(id));
    this.#expiry.delete(id);
    if (this.#terminals.size === 0) this.#onEmpty?.();
  }
}
