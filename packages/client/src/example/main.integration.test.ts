import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { subjects } from "@carrel/api";
import { startNatsServer } from "@carrel/testkit";
import { startResponder } from "../testing/scripted-responder.ts";

test("the example opens a session and follows it to its end", async (t) => {
  await using server = await startNatsServer({ accounts: { tenants: ["acme"] } });
  await using responder = await startResponder(server, async ({ tenant }, view) => {
    const publish = (event: string, body: object): boolean =>
      responder.publishEvent(subjects.event(tenant, view.name, event), body);
    publish("ending", { session: { ...view, state: "ending", endReason: "Expired" } });
    publish("ended", { session: { ...view, state: "ended", endReason: "Expired" } });
    return { session: { ...view, state: "ready" }, token: "t", loginUrl: "https://s/?carrel_token=t" };
  });
  const folder = mkdtempSync(join(tmpdir(), "carrel-example-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, server.credentials("acme").pass);

  const program = fileURLToPath(new URL("main.ts", import.meta.url));
  const args = ["--nats", server.url, "--tenant", "acme", "--password-file", passwordFile, "--template", "lab"];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { timeout: 30_000 });
  assert.match(
    stdout,
    /^session s[a-z2-7]{20} is ready until 2026-01-01T01:00:00Z\nsend the user to https:\/\/s\/\?carrel_token=t\nending \(Expired\)\nended \(Expired\)\n$/,
  );
});
