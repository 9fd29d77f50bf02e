import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { ensureProgram } from "@carrel/cluster";
import { type ChildProgram, startChildProgram } from "../process/child-program.ts";
import { randomPort } from "../process/random-port.ts";
import { makeScratchDirectory } from "../process/scratch-directory.ts";
import { TestkitError } from "../testkit-error.ts";
import { natsUsers, renderUsers } from "./nats-accounts.ts";
import type { NatsServer, NatsServerOptions } from "./nats-server.ts";
import { waitForNats } from "./wait-for-nats.ts";

const PORT_TRIES = 20;

/**
 * Starts a real nats-server on 127.0.0.1 (50 ms; the first time on a machine it is built, 10 to 40 s).
 * @throws TestkitError `PROGRAM_FAILED` with its last log lines; nothing is left behind then.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { signal, onProgress } = options;
  const program = await ensureProgram("nats-server", { signal, onProgress });
  await using cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratchDirectory("nats"));
  const users = options.accounts === undefined ? undefined : natsUsers(options.accounts.tenants);
  const name = randomUUID();
  const storePath = join(scratch.path, "jetstream");
  let jetstream = options.jetstream ?? false;
  const configPath = join(scratch.path, "nats.conf");
  const logPath = join(scratch.path, "nats.log");

  const launch = async (port: number): Promise<ChildProgram> => {
    const config = {
      server_name: name,
      host: "127.0.0.1",
      port,
      // Both are what nats-server accepts as the shortest.
      lame_duck_duration: "30s",
      lame_duck_grace_period: "1s",
      // As in the chart.
      ping_interval: "10s",
      ping_max: 2,
      write_deadline: "5s",
      ...(users === undefined ? {} : { authorization: { users: renderUsers(users) } }),
      ...(jetstream ? { jetstream: { store_dir: storePath } } : {}),
    };
    // JSON is a form of nats-server's configuration language.
    await writeFile(configPath, JSON.stringify(config, undefined, 2), { mode: 0o600 });
    const child = await startChildProgram(program, ["-c", configPath], { logPath, cwd: scratch.path });
    try {
      await waitForNats(child, { port, name, signal });
      return child;
    } catch (error) {
      await child.end();
      throw error;
    }
  };

  const [first, port] = await launchOnFreePort(launch, options.port);
  let child = first;
  cleanup.defer(() => child.end());
  const owned = cleanup.move();

  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid;
    },
    credentials(wanted) {
      const found = users?.find((user) => user.user === wanted);
      if (found === undefined) {
        const known = users?.map((user) => user.user).join(", ") ?? "nobody: it was started without accounts";
        throw new TestkitError("INVALID", `this nats-server has no user "${wanted}"; it knows ${known}`);
      }
      return { user: found.user, pass: found.pass, inboxPrefix: found.inboxPrefix };
    },
    kill: (how = "SIGKILL") => child.end(how),
    freeze: () => child.freeze(),
    thaw: () => child.signal("SIGCONT"),
    lameDuck: () => child.signal("SIGUSR2"),
    storePath,
    async restart(changes = {}) {
      await child.end();
      jetstream = changes.jetstream ?? jetstream;
      child = await launch(port);
    },
    log: () => child.log(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function launchOnFreePort(
  launch: (port: number) => Promise<ChildProgram>,
  wanted: number | undefined,
): Promise<[ChildProgram, number]> {
  for (let tries = 1; ; tries++) {
    const port = wanted ?? randomPort();
    try {
      return [await launch(port), port];
    } catch (error) {
      const taken = error instanceof TestkitError && error.message.includes("address already in use");
      if (!taken || wanted !== undefined || tries === PORT_TRIES) throw error;
    }
  }
}
