/**
 * A process of its own that stands for election and says on standard output, every 20 ms, whether it leads. Arguments:
 * path of a kubeconfig, namespace, identity. Exit code 3: the lease was lost.
 */
import { hasCode, systemClock } from "@carrel/std";
import { createKubeClient } from "../../client/create-kube-client.ts";
import { loadKubeconfig } from "../../transport/load-kubeconfig.ts";
import { Manager } from "../manager.ts";
import { SHORT_TIMES } from "./short-times.ts";

const [path = "", namespace = "", identity = ""] = process.argv.slice(2);
const client = createKubeClient(await loadKubeconfig({ path }), { userAgent: "carrel-kube-test/0" });
const election = { namespace, name: "test", identity, times: SHORT_TIMES };
const manager = new Manager({ client, election });
manager.add(
  {
    name: "lead",
    async run(signal) {
      while (!signal.aborted) {
        if (manager.isLeader()) process.stdout.write("leading\n");
        await systemClock.sleep(20);
      }
    },
  },
  { elected: true },
);
process.stdout.write("started\n");
try {
  await manager.run(new AbortController().signal);
} catch (error) {
  process.stdout.write("lost\n");
  process.exitCode = hasCode(error, "LEADERSHIP_LOST") ? 3 : 1;
}
await client[Symbol.asyncDispose]();
