import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureProgram } from "@carrel/cluster";
import { TestkitError } from "../testkit-error.ts";

/** A serving certificate for 127.0.0.1 and localhost; all PEM. */
export interface ProxyCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  /** The authority that signed it. */
  readonly caPem: string;
}

/**
 * Issues a fresh serving certificate by the authority `authority` of `dir`, which is made when it is not there yet.
 * @throws TestkitError `PROGRAM_FAILED`.
 */
export async function issueProxyCertificate(
  dir: string,
  authority: string,
  signal?: AbortSignal,
): Promise<ProxyCertificate> {
  // Node.js has no way to sign X.509.
  const program = await ensureProgram("carrel-node", { signal });
  const request = {
    dir,
    cas: [authority],
    certs: [
      {
        name: "proxy",
        ca: authority,
        user: "carrel-fault-proxy",
        server: true,
        dns: ["localhost", "kubernetes.default.svc"],
        ips: ["127.0.0.1", "::1"],
      },
    ],
  };
  await new Promise<void>((resolve, reject) => {
    const child = execFile(program, ["certs"], { timeout: 20_000 }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new TestkitError("PROGRAM_FAILED", `carrel-node certs: ${stderr.trim()}`, { cause: error }));
    });
    child.stdin?.end(JSON.stringify(request));
  });
  const read = (file: string): Promise<string> => readFile(join(dir, file), "utf8");
  const [certPem, keyPem, caPem] = await Promise.all([read("proxy.crt"), read("proxy.key"), read(`${authority}.crt`)]);
  return { certPem, keyPem, caPem };
}
