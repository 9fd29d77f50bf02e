import { CLOSE } from "../protocol/close-code.ts";
import type { TerminalSize } from "../protocol/terminal-size.ts";
import type { NativePty } from "../shell/native-pty.ts";
import { Shell, type ShellCommand, type ShellExit } from "../shell/shell.ts";
import { Scrollback } from "./scrollback.ts";
import type { Viewer } from "./viewer.ts";

/** What a {@link Terminal} is made with. */
export interface TerminalOptions {
  readonly id: string;
  readonly pty: NativePty;
  readonly command: ShellCommand;
  readonly size: TerminalSize;
  readonly scrollbackBytes: number;
  /** Milliseconds on any clock that does not go back. */
  readonly now: () => number;
  readonly onExit: () => void;
}

/** How long one viewer may hold up the others before it is cut. */
const MAX_STALL_MS = 10_000;

/**
 * A shell with any number of viewers, also none. All see the same output, all may type; the last to resize decides the
 * size. The shell is paused while a viewer is behind by a whole window, so no output is dropped for anyone.
 */
export class Terminal {
  readonly id: string;
  readonly #shell: Shell;
  readonly #scrollback: Scrollback;
  readonly #viewers = new Set<Viewer>();
  readonly #now: () => number;
  readonly #onExit: () => void;
  #size: TerminalSize;
  #paused = false;
  #started = false;

  /** Starts the shell. @throws CarrelError `SHELL_FAILED` */
  constructor(options: TerminalOptions) {
    this.id = options.id;
    this.#size = options.size;
    this.#now = options.now;
    this.#onExit = options.onExit;
    this.#scrollback = new Scrollback(options.scrollbackBytes);
    this.#shell = new Shell(options.pty, options.command, options.size, {
      onOutput: (bytes) => this.#output(bytes),
      onDrain: () => this.#viewers.forEach((viewer) => viewer.resumeInput()),
      onExit: (exit) => this.#exited(exit),
    });
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Adds a viewer: it is told what it joins and gets the history, then everything that the shell prints. */
  attach(viewer: Viewer, size: TerminalSize): void {
    const history = this.#scrollback.read();
    const resumed = this.#started;
    this.#started = true;
    viewer.send({ type: "attached", id: this.id, replayBytes: history.byteLength, resumed });
    viewer.sendOutput(history);
    this.#viewers.add(viewer);
    if (resumed) this.#redraw(size);
    else this.resize(size);
  }

  detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    this.#flow();
  }

  /** Passes a viewer's input to the shell, and stops reading from that viewer while the shell does not keep up. */
  input(viewer: Viewer, bytes: Uint8Array): void {
    if (!this.#shell.write(bytes)) viewer.pauseInput();
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#shell.resize(size);
  }

  acknowledge(viewer: Viewer): void {
    viewer.acknowledge(this.#now());
    if (this.#paused) this.#flow();
  }

  /** Cuts viewers that have shown nothing for long while the others wait for them. Call it every few seconds. */
  cutStalled(): void {
    if (!this.#paused || this.#viewers.size < 2) return;
    const now = this.#now();
    const stalled = [...this.#viewers].filter((viewer) => viewer.full && viewer.stalledMs(now) > MAX_STALL_MS);
    if (stalled.length === this.#viewers.size) return;
    for (const viewer of stalled) {
      this.detach(viewer);
      viewer.close(CLOSE.tooSlow, "too slow");
    }
  }

  /** Ends the shell; every viewer is closed when it has gone. */
  end(): void {
    this.#shell.end();
  }

  #output(bytes: Uint8Array): void {
    this.#scrollback.append(bytes);
    for (const viewer of this.#viewers) viewer.sendOutput(bytes);
    this.#flow();
  }

  /** Pauses or resumes the shell by what its viewers have shown. */
  #flow(): void {
    const viewers = [...this.#viewers];
    if (!this.#paused && viewers.some((viewer) => viewer.full)) {
      this.#paused = true;
      this.#shell.pause();
    } else if (this.#paused && viewers.every((viewer) => viewer.ready)) {
      this.#paused = false;
      this.#shell.resume();
    }
  }

  /**
   * Makes a full-screen program draw itself anew: the history may begin in the middle of its screen. Programs draw on
   * SIGWINCH, and the kernel sends that only when the size really changes.
   */
  #redraw(size: TerminalSize): void {
    this.#shell.resize({ cols: size.cols, rows: size.rows + 1 });
    this.#size = size;
    this.#shell.resize(size);
  }

  #exited(exit: ShellExit): void {
    for (const viewer of this.#viewers) {
      viewer.send({ type: "exited", exitCode: exit.exitCode, signal: exit.signal });
      viewer.close(CLOSE.normal, "exited");
    }
    this.#viewers.clear();
    this.#onExit();
  }
}
