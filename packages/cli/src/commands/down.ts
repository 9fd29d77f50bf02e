import { GROUP, KINDS } from "@carrel/api";
import { ensureProgram, stopCluster } from "@carrel/cluster";
import { DEFAULT_CLUSTER, ownKubeconfig } from "../install/ensure-cluster.ts";
import { RELEASE, SYSTEM_NAMESPACE } from "../install/install-chart.ts";
import { runTool } from "../install/run-tool.ts";
import { Progress } from "../terminal/progress.ts";
import type { Command } from "./command.ts";
import { parseOptions } from "./parse-options.ts";

export const down: Command = {
  summary: "everything gone",
  help: `carrel down [--cluster NAME]

Stops the embedded cluster and removes everything of it: processes, mounts, network, files. With KUBECONFIG set, ends all
sessions on that cluster, waits until nothing is left of them, and uninstalls Carrel.
`,
  async run({ args, signal }) {
    const { values } = parseOptions(args, { cluster: { type: "string", default: DEFAULT_CLUSTER } });
    const progress = new Progress();
    const kubeconfig = ownKubeconfig(values.cluster);
    if (kubeconfig === undefined) {
      await progress.step("stopping the cluster", (tell) => stopCluster(values.cluster, { signal, onProgress: tell }));
      return;
    }
    const [kubectl, helm] = [await ensureProgram("kubectl", { signal }), await ensureProgram("helm", { signal })];
    const run = (...command: string[]): Promise<string> =>
      runTool(kubectl, ["--kubeconfig", kubeconfig, ...command], { signal });
    await progress.step("ending all sessions", async () => {
      await run("delete", "sessions.carrel.dev", "--all", "--wait", "--timeout=5m", "--ignore-not-found");
      await run("wait", "--for=delete", "workspaces.carrel.dev", "--all", "--timeout=10m").catch((error: unknown) => {
        if (!String(error).includes("no matching resources")) throw error;
      });
    });
    await progress.step("uninstalling Carrel", async () => {
      await runTool(helm, ["uninstall", RELEASE, "--namespace", SYSTEM_NAMESPACE, "--wait", "--ignore-not-found"], {
        signal,
        env: { KUBECONFIG: kubeconfig },
      });
      await run("delete", "crd", "--ignore-not-found", ...KINDS.map(({ plural }) => `${plural}.${GROUP}`));
      await run("delete", "namespace", SYSTEM_NAMESPACE, "--ignore-not-found", "--wait");
    });
  },
};
