import { test } from "node:test";
import { PROGRAMS } from "./programs/program-catalog.ts";
import { runCommand } from "./process/run-command.ts";

for (const [program, packages] of [
  ["carrel-k8s", "./networkpolicy"],
  ["carrel-node", "."],
] as const) {
  test(`go test of ${program}, ${packages}`, async (t) => {
    const env = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" };
    const cwd = PROGRAMS[program].moduleDir;
    await runCommand("go", ["test", "-trimpath", packages], { cwd, env, signal: t.signal, timeoutMs: 20 * 60_000 });
  });
}
