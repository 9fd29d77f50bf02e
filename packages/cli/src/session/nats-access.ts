import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ensureProgram } from "@carrel/cluster";
import { CarrelError } from "@carrel/std";
import { runTool } from "../install/run-tool.ts";
import { SYSTEM_NAMESPACE } from "../install/install-chart.ts";

/** How a tenant's backend reaches NATS. */
export interface NatsAccess extends AsyncDisposable {
  readonly servers: string;
  readonly user: string;
  readonly password: string;
}

/** How long a port-forward may take to start. */
const FORWARD_TIMEOUT_MS = 15_000;

/**
 * Access to NATS as a tenant's backend, for an operator who has a kubeconfig: credentials from the Secret
 * `carrel-nats-TENANT`, the way in through `servers` or else a port-forward that lives as long as the access.
 */
export async function openNatsAccess(options: {
  readonly kubeconfig: string;
  readonly tenant: string;
  readonly servers?: string | undefined;
  readonly signal: AbortSignal;
}): Promise<NatsAccess> {
  const { kubeconfig, tenant, signal } = options;
  const kubectl = await ensureProgram("kubectl", { signal });
  const base = ["--kubeconfig", kubeconfig, "--namespace", SYSTEM_NAMESPACE];
  const secret = JSON.parse(
    await runTool(kubectl, [...base, "get", "secret", `carrel-nats-${tenant}`, "--output", "json"], { signal }).catch(
      (error: unknown) => {
        throw new CarrelError(
          "NO_CREDENTIALS",
          `no NATS credentials for tenant ${tenant}: it must stand in the chart's value \`tenants\``,
          { cause: error },
        );
      },
    ),
  ) as { data: { user: string; password: string } };
  const decode = (text: string): string => Buffer.from(text, "base64").toString();
  const credentials = { user: decode(secret.data.user), password: decode(secret.data.password) };
  if (options.servers !== undefined)
    return { servers: options.servers, ...credentials, [Symbol.asyncDispose]: () => Promise.resolve() };

  const child = spawn(kubectl, [...base, "port-forward", "service/carrel-nats", ":4222"], {
    stdio: ["ignore", "pipe", "ignore"],
    signal,
  });
  child.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const port = await Promise.race([
    forwardedPort(child.stdout),
    closed.then(() => undefined),
    timeout(FORWARD_TIMEOUT_MS),
  ]);
  if (port === undefined) {
    child.kill();
    throw new CarrelError(
      "NO_NATS",
      "cannot reach NATS by `kubectl port-forward service/carrel-nats`; give its address with --nats",
    );
  }
  return {
    servers: `nats://127.0.0.1:${port}`,
    ...credentials,
    async [Symbol.asyncDispose]() {
      child.kill();
      await closed;
    },
  };
}

async function forwardedPort(out: NodeJS.ReadableStream): Promise<number | undefined> {
  for await (const line of createInterface({ input: out })) {
    const port = /127\.0\.0\.1:(\d+) ->/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  return undefined;
}

function timeout(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}
