import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheDirectory } from "../process/environment.ts";
import { type TarFile, writeTar } from "./tar.ts";

/** An image of one statically linked program on an empty file system. */
export interface ScratchImage {
  /** The full image name with tag, e.g. `carrel.dev/nats:2.15.2`. */
  readonly name: string;
  /** Path of the program on this machine; it becomes `/NAME` in the image. */
  readonly binary: string;
  /** Name of the program in the image; by default that of its file. */
  readonly binaryName?: string;
  /** Arguments that always follow the program; default none. */
  readonly arguments?: readonly string[];
  /** More files: absolute path in the image → content. */
  readonly extraFiles?: Readonly<Record<string, string | Buffer>>;
  /** User and group of the process; default 65532:65532. */
  readonly user?: string;
}

/**
 * Writes the image as a docker-archive (`docker load`, `ctr images import`, `skopeo` read it) and gives its path.
 * Kept in `~/.cache/carrel/images` under a hash of its content: the second call only reads the program.
 */
export async function buildScratchImage(image: ScratchImage): Promise<string> {
  const program = image.binaryName ?? basename(image.binary);
  const extra = Object.entries(image.extraFiles ?? {}).map(([path, content]): TarFile => ({
    path: path.replace(/^\/+/, ""),
    content: Buffer.from(content),
    mode: 0o644,
  }));
  const files = [{ path: program, content: await readFile(image.binary), mode: 0o755 }, ...extra];
  const layer = writeTar(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
  const layerDigest = sha256(layer);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: {
        User: image.user ?? "65532:65532",
        Entrypoint: [`/${program}`, ...(image.arguments ?? [])],
        WorkingDir: "/",
      },
      rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
    }),
  );
  const configDigest = sha256(config);
  const directory = join(cacheDirectory(), "images");
  const path = join(directory, `${sha256(Buffer.from(`${image.name} ${configDigest}`)).slice(0, 16)}.tar`);
  if (existsSync(path)) return path;

  const manifest = [{ Config: `${configDigest}.json`, RepoTags: [image.name], Layers: [`${layerDigest}/layer.tar`] }];
  const archive = writeTar([
    { path: `${configDigest}.json`, content: config, mode: 0o644 },
    { path: `${layerDigest}/layer.tar`, content: layer, mode: 0o644 },
    { path: "manifest.json", content: Buffer.from(JSON.stringify(manifest)), mode: 0o644 },
  ]);
  await mkdir(directory, { recursive: true });
  const unfinished = `${path}.${process.pid}.partial`;
  await writeFile(unfinished, archive);
  await rename(unfinished, path);
  return path;
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
