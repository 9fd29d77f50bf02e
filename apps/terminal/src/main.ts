import { once } from "node:events";
import { accessSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readConfig } from "./config.ts";
import { startTerminalServer } from "./server/terminal-server.ts";
import { loadNativePty } from "./shell/native-pty.ts";
import { shellEnvironment } from "./shell/shell-environment.ts";

const SHELL = "/bin/bash";

const home = existingDirectory(process.env["HOME"] ?? "/");
const server = await startTerminalServer({
  ...readConfig(process.env),
  assetsDir: process.env["CARREL_TERMINAL_ASSETS"] ?? fileURLToPath(new URL("page", import.meta.url)),
  pty: loadNativePty(),
  command: { file: SHELL, args: [], cwd: home, env: shellEnvironment(process.env, home, SHELL) },
});
process.stdout.write(`${JSON.stringify({ level: "info", msg: "listening", port: server.port })}\n`);

await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
await server.close();

function existingDirectory(path: string): string {
  try {
    accessSync(path);
    return path;
  } catch {
    return "/";
  }
}
