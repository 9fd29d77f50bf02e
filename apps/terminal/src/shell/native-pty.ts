import { createRequire } from "node:module";
import { CarrelError } from "@carrel/std";

/**
 * The functions of node-pty's native part that a terminal needs (node-pty 1.1.0, `src/unix/pty.cc`). It is used without
 * node-pty's JavaScript, which can neither tell how much input waits nor read what a shell wrote just before it exited.
 */
export interface NativePty {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (exitCode: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number };
  resize(fd: number, cols: number, rows: number): void;
}

/** Loads the prebuilt addon for this machine. @throws CarrelError `PTY_UNSUPPORTED` where there is none. */
export function loadNativePty(): NativePty {
  const name = `@lydell/node-pty-${process.platform}-${process.arch}/pty.node`;
  try {
    return createRequire(import.meta.url)(name) as NativePty;
  } catch (cause) {
    throw new CarrelError("PTY_UNSUPPORTED", `no pseudo-terminal support: ${name} does not load`, { cause });
  }
}
