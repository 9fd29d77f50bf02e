import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { defaultVolumes } from "../pod-security/default-volumes.ts";
import type { PodParts } from "../pod-security/pod-parts.ts";
import type { JsonObject } from "../review/json-object.ts";

const MODULE = "k8s.io/pod-security-admission";
const VERSION = "v0.34.4";
const CLUSTER = path.resolve(import.meta.dirname, "../../../../tools/cluster");

/** A pod that Kubernetes tests its Pod Security admission with, and what must come of it. */
export interface Fixture {
  readonly level: "baseline" | "restricted";
  readonly version: string;
  readonly pass: boolean;
  /** Lower-case id of the check. */
  readonly check: string;
  readonly file: string;
  readonly pod: PodParts & JsonObject;
}

/**
 * The oracle: every pod that Kubernetes itself tests its Pod Security admission with. They are read where the Go
 * toolchain keeps the module that the embedded Kubernetes is built from, and defaulted as the API server would.
 */
export async function loadFixtures(): Promise<readonly Fixture[]> {
  const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", `${MODULE}@${VERSION}`], {
    cwd: CLUSTER,
  });
  const root = path.join((JSON.parse(stdout) as { Dir: string }).Dir, "test", "testdata");
  const files = (await readdir(root, { recursive: true })).filter((file) =>
    /^(baseline|restricted)\/v1\.\d+\/(pass|fail)\//.test(file),
  );
  const parsed = new Map<string, PodParts & JsonObject>();
  return await Promise.all(
    files.map(async (file) => {
      const [level, version = "", verdict, name = ""] = file.split("/");
      const text = await readFile(path.join(root, file), "utf8");
      const pod = parsed.get(text) ?? defaultVolumes(parse(text) as PodParts & JsonObject);
      parsed.set(text, pod);
      return {
        level: level as Fixture["level"],
        version,
        pass: verdict === "pass",
        check: name.replace(/\d*\.yaml$/, "").replace(/_(linux|windows)$/, ""),
        file,
        pod,
      };
    }),
  );
}
