import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { buildImage } from "../build-image.ts";
import { freePort } from "../testing/free-port.ts";
import { runArchive } from "../testing/run-archive.ts";

const USER_DATA = "#!/bin/sh\necho from the user data > /www/extra\n";

test("the launcher image boots a real guest, restricted, and presses its power button on SIGTERM", async (t) => {
  const { archive } = await buildImage("vm-launcher", { onProgress: (line) => t.diagnostic(line) });
  const seed = await mkdtemp(join(tmpdir(), "carrel-seed-"));
  t.after(() => rm(seed, { recursive: true }));
  for (const directory of ["keys/0", "user-data"]) await mkdir(join(seed, directory), { recursive: true });
  await writeFile(join(seed, "keys/0/mine"), "ssh-ed25519 AAAA learner");
  await writeFile(join(seed, "user-data", "userData"), USER_DATA);
  const port = await freePort();
  await using container = await runArchive(archive, {
    env: {
      VM_NAME: "lesson",
      VM_CPUS: "2",
      VM_MEMORY_MB: "96",
      VM_SSH_KEYS: "ssh-ed25519 BBBB teacher",
      VM_PORTS: `${port}:8080`,
    },
    writable: ["/run/vm"],
    binds: { "/var/seed/keys": join(seed, "keys"), "/var/seed/user-data": join(seed, "user-data") },
  });

  const page = await answer(`http://127.0.0.1:${port}/`, container.output);
  assert.match(page, /^guest lesson$/m);
  assert.match(page, /^Linux lesson 6\..* x86_64/m);
  assert.match(page, /^boot [0-9a-f-]{36}$/m);
  assert.match(page, /^cpus 2$/m);
  assert.match(page, /^key ssh-ed25519 BBBB teacher\nkey ssh-ed25519 AAAA learner$/m);
  assert.equal(await answer(`http://127.0.0.1:${port}/extra`, container.output), "from the user data\n");

  assert.equal(await container.stop("SIGTERM"), 0);
  assert.match(container.output(), /lesson goes down/);
  assert.match(container.output(), /reboot: Power down/);
});

/** The page, once the guest serves it. While it boots QEMU takes connections that nobody answers. */
async function answer(url: string, output: () => string): Promise<string> {
  for (const end = performance.now() + 60_000; ; await setTimeout(200)) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (response?.ok === true) return response.text();
    assert.ok(performance.now() < end, `no answer of ${url}; the guest wrote: ${output()}`);
  }
}
