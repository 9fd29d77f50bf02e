/**
 * @carrel/terminal: a terminal in the browser, for workspaces.
 *
 * @module
 */
export { readConfig, type TerminalConfig } from "./config.ts";
export { startTerminalServer, type TerminalServer, type TerminalServerOptions } from "./server/terminal-server.ts";
export { loadNativePty, type NativePty } from "./shell/native-pty.ts";
export { shellEnvironment } from "./shell/shell-environment.ts";
