import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPage } from "../build/build-page.ts";
import { startTerminalServer, type TerminalServerOptions } from "../server/terminal-server.ts";
import { loadNativePty } from "../shell/native-pty.ts";

/** A terminal server on a free port of the loopback, with bash without anyone's configuration; gone when disposed. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  close(): Promise<void>;
}

/** Builds the page into a temporary directory and starts a server with it. */
export async function startTestServer(options: Partial<TerminalServerOptions> = {}): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), "carrel-terminal-"));
  await buildPage(join(dir, "page"));
  const server = await startTerminalServer({
    host: "127.0.0.1",
    port: 0,
    assetsDir: join(dir, "page"),
    pty: loadNativePty(),
    command: {
      file: "/bin/bash",
      args: ["--norc", "--noprofile"],
      cwd: dir,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: dir, TERM: "dumb", LANG: "C.UTF-8", PS1: "$ " },
    },
    maxTerminals: 8,
    maxSockets: 32,
    scrollbackBytes: 256 * 1024,
    detachedTtlMs: 60_000,
    ...options,
  });
  const close = async (): Promise<void> => {
    await server.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { port: server.port, close, [Symbol.asyncDispose]: close };
}
