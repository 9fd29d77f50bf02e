import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildDefinition } from "../build-image.ts";
import { contentFile } from "../context/context-file.ts";
import { freePort } from "../testing/free-port.ts";
import { readArchive, runArchive } from "../testing/run-archive.ts";
import { serviceImage } from "./service-image.ts";

const FIXTURE = fileURLToPath(new URL("../testing/fixture/main.ts", import.meta.url));

test("a service image runs restricted, without a shell, and is the same whenever it is built", async (t) => {
  const name = `fixture-${process.pid}`;
  const definition = await serviceImage("fixture", FIXTURE);
  const onProgress = (line: string): void => t.diagnostic(line);
  const { archive, ref } = await buildDefinition(name, definition, { onProgress });
  t.after(async () => {
    await rm(archive, { force: true });
    await rm(join(dirname(archive), `${name}.log`), { force: true });
  });
  assert.match(ref, new RegExp(`^carrel/${name}:[0-9a-f]{12}$`));

  const port = await freePort();
  await using container = await runArchive(archive, { env: { PORT: String(port) } });
  const { errorAt, ...found } = await answer(port, container.output);
  assert.deepEqual(found, {
    uid: 65532,
    node: process.version,
    localhost: "127.0.0.1",
    hasShell: false,
    canWrite: false,
  });
  // A stack names the source and its line, not the bundle.
  assert.match(String(errorAt), /fixture\/main\.ts:\d+:\d+/);
  assert.equal(await container.stop("SIGTERM"), 0);

  const first = await readArchive(archive);
  const again = await buildDefinition(name, definition, { onProgress });
  assert.deepEqual(again, { archive, ref });
  await rm(archive);
  await buildDefinition(name, definition, { onProgress });
  assert.deepEqual(await readArchive(archive), first);
});

test("services have their largest layer in common", async (t) => {
  const built: string[] = [];
  t.after(() => Promise.all(built.map((archive) => rm(archive, { force: true }))));
  const layersOf = async (name: string, program: string): Promise<string[]> => {
    const definition = await serviceImage(name, FIXTURE);
    const files = definition.files.filter(({ path }) => path !== "app/main.mjs");
    const { archive } = await buildDefinition(`fixture-${process.pid}-${name}`, {
      ...definition,
      files: [...files, contentFile("app/main.mjs", program)],
    });
    built.push(archive, join(dirname(archive), `fixture-${process.pid}-${name}.log`));
    return (await readArchive(archive)).layers;
  };
  const one = await layersOf("one", "1;");
  const two = await layersOf("two", "2;");
  assert.equal(one[0], two[0]);
  assert.notEqual(one[1], two[1]);
});

async function answer(port: number, output: () => string): Promise<Record<string, unknown>> {
  for (const end = performance.now() + 10_000; ; await setTimeout(50)) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (response !== undefined) return (await response.json()) as Record<string, unknown>;
    assert.ok(performance.now() < end, `no answer; the program wrote: ${output()}`);
  }
}
