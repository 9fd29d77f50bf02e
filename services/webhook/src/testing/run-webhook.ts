import { createKubeClient, silentLogger } from "@carrel/kube";
import type { ControlPlane } from "@carrel/cluster";
import { eventually } from "@carrel/testkit";
import { buildWebhook } from "../build-webhook.ts";
import { configSchema, type Config } from "../config.ts";

/** A webhook that runs in this process against a control plane. */
export interface RunningWebhook extends AsyncDisposable {
  readonly port: number;
  /** Names of what is missing before it may be asked. */
  readonly missing: () => readonly string[];
  /** When the certificate that it serves expires, in milliseconds since the epoch. */
  readonly expiresAtMs: () => number | undefined;
  /** Rejects when it failed. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the webhook as the ServiceAccount whose token is given; resolves when it listens. */
export async function runWebhook(
  controlPlane: Pick<ControlPlane, "server" | "caPem">,
  token: string,
  given: Partial<Config> = {},
): Promise<RunningWebhook> {
  const { server, caPem } = controlPlane;
  const account = { server, ca: { value: caPem }, token: { value: token }, namespace: "carrel-system" };
  const config = configSchema.parse({
    namespace: "carrel-system",
    host: "127.0.0.1",
    port: 0,
    extraNames: ["127.0.0.1"],
    ...given,
  });
  const client = createKubeClient(account, { userAgent: "carrel-webhook" });
  const { manager, server: admission, keeper, missing } = buildWebhook({ client, config, logger: silentLogger });
  const end = new AbortController();
  const ended = manager.run(end.signal);
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    end.abort(new Error("the test stops the webhook"));
    await ended;
    await client[Symbol.asyncDispose]();
  };
  const port = await eventually(() => admission.port ?? Promise.reject(new Error(missing().join(", "))));
  return { port, missing, expiresAtMs: () => keeper.expiresAtMs(), ended, stop, [Symbol.asyncDispose]: stop };
}
