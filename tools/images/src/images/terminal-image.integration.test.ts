import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { WebSocket } from "ws";
import { buildImage } from "../build-image.ts";
import { freePort } from "../testing/free-port.ts";
import { runArchive, type RunningContainer } from "../testing/run-archive.ts";

test("the terminal image gives a restricted user a shell with the tools of a lesson", async (t) => {
  const { archive } = await buildImage("terminal", { onProgress: (line) => t.diagnostic(line) });
  const port = await freePort();
  const account = await mkdtemp(join(tmpdir(), "carrel-account-"));
  t.after(() => rm(account, { recursive: true }));
  await writeFile(join(account, "token"), "a-token");
  await chmod(account, 0o755);
  await using container = await runArchive(archive, {
    binds: { "/var/run/secrets/kubernetes.io/serviceaccount": account },
    env: { PORT: String(port), KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "1" },
    writable: ["/home/learner", "/tmp"],
  });
  await using shell = await openShell(container, port);

  assert.match(await shell.run("id; pwd; echo $HOME"), /uid=1001\(learner\) gid=1001\(learner\).*\s\/home\/learner\s/s);
  assert.match(await shell.run("touch x /tmp/y && echo fine; touch /etc/z"), /fine\s+touch:.*Read-only file system/s);
  for (const tool of ["git", "curl", "jq", "vi", "nano", "less", "ps", "python3", "kubectl", "node", "nc"]) {
    assert.match(await shell.run(`command -v ${tool}`), new RegExp(`/${tool}\\s`), tool);
  }
  assert.match(await shell.run("kubectl version --client"), /Client Version: v1\.34\.4/);
  // Without a kubeconfig kubectl takes the pod's service account and API server: here nothing listens there.
  assert.match(await shell.run("k get pods 2>&1 | tail -1"), /server 127\.0\.0\.1:1 was refused/);
  assert.match(
    await shell.run("git init -q r && cd r && git commit -q --allow-empty -m x; cd"),
    /user\.email|identity/,
  );
  assert.match(await shell.run("python3 -c 'import json; print(6*7)'"), /\s42\s/);
  // Completion of the alias, as a key press.
  assert.match(await shell.type("k api-resou\t", /k api-resources /), /api-resources/);
  shell.interrupt();

  // A process whose parent has gone goes to the first process, which must bury it.
  const before = await childrenOf(container);
  await shell.run("for i in 1 2 3; do (sleep 0.1 &) ; done; sleep 0.5");
  assert.deepEqual(await childrenOf(container), before);
  assert.equal(await container.stop("SIGTERM"), 0);
});

interface Shell extends AsyncDisposable {
  /** Runs a command line and gives what it printed. */
  run(line: string): Promise<string>;
  /** Types something and waits for what comes. */
  type(text: string, until: RegExp): Promise<string>;
  interrupt(): void;
}

async function openShell(container: RunningContainer, port: number): Promise<Shell> {
  const socket = await connect(container, port);
  let output = "";
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) output += data.toString();
  });
  const waitFor = async (pattern: RegExp): Promise<string> => {
    for (const end = performance.now() + 15_000; !pattern.test(output); await setTimeout(20)) {
      assert.ok(performance.now() < end, `no ${pattern} in ${JSON.stringify(output)}; ${container.output()}`);
    }
    return output;
  };
  const type = (text: string, until: RegExp): Promise<string> => {
    output = "";
    socket.send(Buffer.from(text));
    return waitFor(until);
  };
  await waitFor(/\$ /);
  let count = 0;
  return {
    type,
    interrupt: () => socket.send(Buffer.from("\x03")),
    run: (line) => {
      count += 1;
      return type(`${line}; echo "end"-${count}\n`, new RegExp(`[\r\n]end-${count}\r\n`));
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
    },
  };
}

async function connect(container: RunningContainer, port: number): Promise<WebSocket> {
  for (const end = performance.now() + 10_000; ; await setTimeout(50)) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?cols=200`);
    const opened = once(socket, "open").then(() => true);
    if (await Promise.race([opened, once(socket, "error").then(() => false)]).catch(() => false)) return socket;
    assert.ok(performance.now() < end, `no server on ${port}: ${container.output()}`);
  }
}

/** The names of the processes directly below the container's first one. */
async function childrenOf(container: RunningContainer): Promise<string[]> {
  const parent = await container.pid();
  const names: string[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    if (rest.split(" ")[1] === String(parent)) names.push(name);
  }
  return names.sort();
}
