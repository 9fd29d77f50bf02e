import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Options of {@link runArchive}. */
export interface RunArchiveOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Directories that are writable; nothing else is. */
  readonly writable?: readonly string[];
  /** Directories of this machine, by where they are in the container; not writable there. */
  readonly binds?: Readonly<Record<string, string>>;
  /** Instead of the image's own entry point. */
  readonly command?: readonly string[];
}

/** A container that runs. */
export interface RunningContainer extends AsyncDisposable {
  /** What it has written so far. */
  readonly output: () => string;
  /** The host's id of its first process. */
  readonly pid: () => Promise<number>;
  /** Sends a signal to its first process and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

interface ImageConfig {
  readonly config: {
    readonly User: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly WorkingDir?: string;
  };
}

/**
 * Runs the image of a `docker-archive` with runc as Pod Security's `restricted` has it: the image's numeric user, no
 * capability, no new privileges, and a root file system that cannot be written. The network is this machine's.
 */
export async function runArchive(archive: string, options: RunArchiveOptions = {}): Promise<RunningContainer> {
  const bundle = await mkdtemp(join(tmpdir(), "carrel-container-"));
  const { config } = await unpack(archive, join(bundle, "rootfs"));
  await writeFile(join(bundle, "config.json"), JSON.stringify(runtimeConfig(config, options)));
  const id = basename(bundle);
  const state = join(bundle, "state");
  const child = spawn("runc", ["--root", state, "run", "--bundle", bundle, id], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += String(text)));
  const exited = once(child, "close").then(([status]) => status as number | null);
  return {
    output: () => output,
    exited,
    async pid() {
      const { stdout } = await run("runc", ["--root", state, "state", id]);
      return (JSON.parse(stdout) as { pid: number }).pid;
    },
    async stop(signal) {
      await run("runc", ["--root", state, "kill", id, signal]);
      return exited;
    },
    async [Symbol.asyncDispose]() {
      await run("runc", ["--root", state, "delete", "--force", id]).catch(() => undefined);
      await exited;
      await rm(bundle, { recursive: true, force: true });
    },
  };
}

/** Digests of an archive's layers and its configuration. */
export async function readArchive(
  archive: string,
): Promise<{ readonly layers: string[]; readonly config: ImageConfig }> {
  const read = async (file: string) => (await run("tar", ["-xOf", archive, file], { maxBuffer: 2 ** 24 })).stdout;
  const [manifest] = JSON.parse(await read("manifest.json")) as [{ Config: string; Layers: string[] }];
  return { layers: manifest.Layers, config: JSON.parse(await read(manifest.Config)) as ImageConfig };
}

async function unpack(archive: string, rootfs: string): Promise<ImageConfig> {
  const { layers, config } = await readArchive(archive);
  const work = `${rootfs}.layers`;
  await Promise.all([mkdir(rootfs), mkdir(work)]);
  await run("tar", ["-xf", archive, "-C", work]);
  for (const layer of layers) {
    const path = join(work, layer);
    await removeWhitedOut(path, rootfs);
    await run("tar", ["-xf", path, "-C", rootfs, "--exclude=.wh.*"]);
  }
  await rm(work, { recursive: true });
  return config;
}

/**
 * Removes what a layer says is gone of those below it: `.wh.NAME` means NAME, `.wh..wh..opq` all of its directory (OCI
 * image layer specification).
 */
async function removeWhitedOut(layer: string, rootfs: string): Promise<void> {
  const { stdout } = await run("tar", ["-tf", layer], { maxBuffer: 2 ** 26 });
  for (const entry of stdout.split("\n")) {
    const name = basename(entry);
    const directory = join(rootfs, dirname(entry));
    if (name === ".wh..wh..opq") {
      for (const child of await readdir(directory)) await rm(join(directory, child), { recursive: true });
    } else if (name.startsWith(".wh.")) {
      await rm(join(directory, name.slice(4)), { recursive: true, force: true });
    }
  }
}

function runtimeConfig(image: ImageConfig["config"], options: RunArchiveOptions): unknown {
  const [uid = Number.NaN, gid = Number.NaN] = image.User.split(":").map(Number);
  const extra = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const writable = (options.writable ?? []).map((destination) => {
    const owner = [`uid=${uid}`, `gid=${gid}`, "mode=0700"];
    return { destination, type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", ...owner] };
  });
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid, gid },
      args: options.command ?? [...(image.Entrypoint ?? []), ...(image.Cmd ?? [])],
      env: [...(image.Env ?? []), ...extra],
      cwd: image.WorkingDir || "/",
      noNewPrivileges: true,
      capabilities: {},
    },
    root: { path: "rootfs", readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
      },
      // A kubelet gives these to every container.
      ...Object.entries({ "/etc/hosts": "/etc/hosts", "/etc/resolv.conf": "/etc/resolv.conf", ...options.binds }).map(
        ([destination, source]) => ({ destination, type: "bind", source, options: ["bind", "ro"] }),
      ),
      ...writable,
    ],
    linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
  };
}
