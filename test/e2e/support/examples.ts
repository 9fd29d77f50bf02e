import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Session } from "@carrel/api";
import { ensureEmbeddedCluster, ensurePrograms, objectsMentioning } from "@carrel/cli";
import type { CreateRequest, SessionView } from "@carrel/client";
import { SESSIONS } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { E2E_CLUSTER, installedCarrel, type InstalledCarrel } from "./carrel.ts";
import { Desk } from "./desk.ts";
import { kubectl, type CommandResult } from "./kubectl.ts";

const EXAMPLES = fileURLToPath(new URL("../../../deploy/examples/", import.meta.url));
const START_MS = 150_000;
const END_MS = 120_000;

/** A session that has begun. */
export interface Started {
  readonly session: Session;
  readonly view: SessionView;
  /** Its primary namespace. */
  readonly namespace: string;
  readonly desk: Desk;
}

/** Carrel as an operator sets it up for deploy/examples, and what every test of them does. */
export class Examples implements AsyncDisposable {
  readonly carrel: InstalledCarrel;
  readonly #living = new Map<string, Started>();
  readonly #applied: string[] = [];

  private constructor(carrel: InstalledCarrel) {
    this.carrel = carrel;
  }

  /** Installs Carrel with the values of deploy/examples/operator; its custom resources and shared Secrets are there. */
  static async install(): Promise<Examples> {
    const signal = AbortSignal.timeout(20 * 60_000);
    const tell = (line: string): void => void process.stderr.write(`    ${line}\n`);
    await ensurePrograms({ tell, signal });
    const { kubeconfig } = await ensureEmbeddedCluster({ name: E2E_CLUSTER, tell, signal });
    // The chart gives rights in the namespace of shared Secrets, which must be there.
    for (const file of ["courses", "crontabs", "buckets"]) {
      const { code, output } = await kubectl(kubeconfig, ["apply", "-f", `${EXAMPLES}operator/${file}.yaml`]);
      assert.equal(code, 0, output);
    }
    return new Examples(await installedCarrel({ values: [`${EXAMPLES}operator/values.yaml`] }));
  }

  /** kubectl as the cluster's administrator. */
  kubectl(args: readonly string[], input = ""): Promise<CommandResult> {
    return kubectl(this.carrel.kubeconfig, args, input);
  }

  /** Applies files of deploy/examples as an operator would, with the images that were built; they go at the end. */
  async apply(...files: readonly string[]): Promise<void> {
    for (const file of files) await this.applyText(await this.read(file));
  }

  /** A file of deploy/examples with the images that were built. */
  async read(file: string): Promise<string> {
    const text = await readFile(EXAMPLES + file, "utf8");
    return text.replaceAll("carrel/terminal:dev", this.carrel.images["terminal"] ?? "");
  }

  /** {@link apply} of manifests. */
  async applyText(manifests: string): Promise<void> {
    // The webhook judges a template by the profiles that its watch has seen.
    await eventually(
      async () => {
        const { code, output } = await this.kubectl(["apply", "-f", "-"], manifests);
        assert.equal(code, 0, output);
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    this.#applied.unshift(manifests);
  }

  /** Starts a session and waits until it is ready. */
  async start(template: string, user: string, request: Partial<CreateRequest> = {}): Promise<Started> {
    const { backend, client, kubeconfig } = this.carrel;
    const { session: view } = await eventually(
      () => backend.createSession({ template, user: { id: user }, ...request }, { deadlineMs: Date.now() + START_MS }),
      // A provisioner may not have seen a new template yet.
      { timeoutMs: START_MS + 5_000, everyMs: 500 },
    );
    const session = await client.get(SESSIONS, view.name);
    assert.equal(view.state, "ready", JSON.stringify(session.status));
    const { workspace: namespace } = session.spec;
    const started = { session, view, namespace, desk: new Desk(kubeconfig, namespace) };
    this.#living.set(view.name, started);
    return started;
  }

  /** Ends a session, waits until it has Ended, and looks whether anything is left of it. */
  async end(started: Started): Promise<void> {
    const { backend, client } = this.carrel;
    const { name } = started.session.metadata;
    this.#living.delete(name);
    await backend.endSession(name);
    await eventually(async () => assert.equal((await client.get(SESSIONS, name)).status?.phase, "Ended"), {
      timeoutMs: END_MS,
      everyMs: 250,
    });
    await this.assertNothingLeft(started.namespace);
  }

  /** No object of any kind mentions the workspace. */
  async assertNothingLeft(workspace: string): Promise<void> {
    assert.deepEqual(await objectsMentioning(this.carrel.client, [workspace]), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { session } of this.#living.values()) await this.carrel.backend.endSession(session.metadata.name);
    for (const manifests of this.#applied) {
      await this.kubectl(["delete", "--ignore-not-found", "--wait=false", "-f", "-"], manifests);
    }
    await this.carrel[Symbol.asyncDispose]();
  }
}
