import { setTimeout as after } from "node:timers";
import { ReadStream } from "node:tty";
import { CarrelError } from "@carrel/std";
import { MAX_PENDING_INPUT_BYTES } from "../protocol/limits.ts";
import type { TerminalSize } from "../protocol/terminal-size.ts";
import type { NativePty } from "./native-pty.ts";

/** What to run in a terminal. */
export interface ShellCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a shell ended: by `exitCode`, or by signal number `signal` (0: none). */
export interface ShellExit {
  readonly exitCode: number;
  readonly signal: number;
}

/** Receives what a shell does. Nothing is called after `onExit`. */
export interface ShellListener {
  onOutput(bytes: Uint8Array): void;
  /** Waiting input fell below the limit again, after `write` had returned false. */
  onDrain(): void;
  onExit(exit: ShellExit): void;
}

/** How long after the shell's exit its last output may take; a background job may hold the terminal open for ever. */
const LAST_OUTPUT_MS = 200;
const KILL_AFTER_MS = 2_000;

/** One process on one pseudo-terminal. Ends with the process; call `end` to make it end. */
export class Shell {
  readonly #pty: NativePty;
  readonly #fd: number;
  readonly #pid: number;
  readonly #stream: ReadStream;
  readonly #listener: ShellListener;
  #exit: ShellExit | undefined;
  #closed = false;
  #ending = false;
  #blocked = false;

  /** Starts the process. @throws CarrelError `SHELL_FAILED` when no pseudo-terminal or process can be made. */
  constructor(pty: NativePty, command: ShellCommand, size: TerminalSize, listener: ShellListener) {
    this.#pty = pty;
    this.#listener = listener;
    const env = Object.entries(command.env).map(([name, value]) => `${name}=${value}`);
    try {
      const { fd, pid } = pty.fork(
        command.file, command.args, env, command.cwd, size.cols, size.rows, -1, -1, true, "",
        (exitCode, signal) => this.#onProcessExit({ exitCode, signal }),
      ); // prettier-ignore
      this.#fd = fd;
      this.#pid = pid;
    } catch (cause) {
      throw new CarrelError("SHELL_FAILED", `cannot start ${command.file} in ${command.cwd}`, { cause });
    }
    this.#stream = new ReadStream(this.#fd);
    this.#stream.on("data", (bytes: Buffer) => this.#listener.onOutput(bytes));
    this.#stream.on("drain", () => this.#unblock());
    // Linux reports EIO, not an end, when the last process of a terminal has gone.
    this.#stream.on("error", () => this.#stream.destroy());
    this.#stream.on("close", () => this.#onStreamClose());
  }

  /** Passes input on. False when so much waits that the caller must stop until `onDrain`. */
  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#exit !== undefined) return true;
    this.#stream.write(bytes);
    this.#blocked = this.#stream.writableLength > MAX_PENDING_INPUT_BYTES;
    return !this.#blocked;
  }

  resize(size: TerminalSize): void {
    if (!this.#closed) this.#pty.resize(this.#fd, size.cols, size.rows);
  }

  /** Stops reading output: the kernel then stops the processes that write. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Asks the shell to end by SIGHUP, and kills it after two seconds. Its `onExit` follows. */
  end(): void {
    this.#ending = true;
    this.#signal("SIGHUP");
    after(() => this.#signal("SIGKILL"), KILL_AFTER_MS).unref();
  }

  #signal(name: NodeJS.Signals): void {
    // A pid is free for reuse once its exit has been reported.
    if (this.#exit !== undefined) return;
    try {
      process.kill(this.#pid, name);
    } catch {
      // It has just gone.
    }
  }

  #unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#listener.onDrain();
  }

  #onProcessExit(exit: ShellExit): void {
    this.#exit = exit;
    if (this.#closed) this.#listener.onExit(exit);
    else this.#closeSoon(this.#stream.bytesRead);
  }

  /** Closes the stream once nothing has come for a while; output that waits for a slow viewer is not lost. */
  #closeSoon(bytesRead: number): void {
    after(() => {
      const more = this.#stream.bytesRead > bytesRead || this.#stream.isPaused();
      if (more && !this.#closed && !this.#ending) this.#closeSoon(this.#stream.bytesRead);
      else this.#stream.destroy();
    }, LAST_OUTPUT_MS);
  }

  #onStreamClose(): void {
    this.#closed = true;
    if (this.#exit !== undefined) this.#listener.onExit(this.#exit);
    // All of the terminal's users have gone but the process lives on, detached from it: nobody can reach it any more.
    else this.end();
  }
}
