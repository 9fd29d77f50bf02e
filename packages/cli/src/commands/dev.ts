import { CarrelError } from "@carrel/std";
import { DEV_SERVICES, type DevService } from "../dev/dev-services.ts";
import { runDevSession } from "../dev/dev-session.ts";
import { DEFAULT_CLUSTER, findCluster } from "../install/ensure-cluster.ts";
import { Progress } from "../terminal/progress.ts";
import type { Command } from "./command.ts";
import { parseOptions } from "./parse-options.ts";
import { UsageError } from "./usage-error.ts";

export const dev: Command = {
  summary: "the services from source on this machine, restarted on change",
  help: `carrel dev [SERVICE]... [--cluster NAME]

Runs Carrel's services (or those named) from source on this machine, in place of those in the embedded cluster, and
restarts one when a file that it imports changes. Each runs as its own ServiceAccount, with the configuration of its
Deployment; the URLs of sessions stay the same. Ctrl-C puts the cluster's own back; after a crash the next carrel dev or
carrel up does. Tokens are good for 8 hours.

  SERVICE           ${DEV_SERVICES.map(({ name }) => name).join(", ")} (default: all)
  --cluster NAME    the embedded cluster (default ${DEFAULT_CLUSTER}), with Carrel on it: ./carrel up
`,
  async run({ args, signal }) {
    const { values, positionals } = parseOptions(
      args,
      { cluster: { type: "string", default: DEFAULT_CLUSTER } },
      DEV_SERVICES.length,
    );
    const access = await findCluster(values.cluster, signal);
    if (access?.embedded === undefined || access.nats === undefined)
      throw new CarrelError(
        "NO_CLUSTER",
        access === undefined
          ? `cluster ${values.cluster} does not run: ./carrel up starts it and installs Carrel`
          : "carrel dev works on the embedded cluster: unset KUBECONFIG",
      );
    const progress = new Progress();
    await runDevSession({
      cluster: access.embedded,
      nats: access.nats,
      services: chosen(positionals),
      step: progress.step.bind(progress),
      out: process.stdout,
      signal,
    });
  },
};

function chosen(names: readonly string[]): readonly DevService[] {
  const unknown = names.find((name) => !DEV_SERVICES.some((service) => service.name === name));
  if (unknown !== undefined)
    throw new UsageError(`there is no service ${unknown}, only ${DEV_SERVICES.map(({ name }) => name).join(", ")}`);
  return names.length === 0 ? DEV_SERVICES : DEV_SERVICES.filter(({ name }) => names.includes(name));
}
