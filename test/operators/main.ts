import { createKubeClient, loadKubeconfig } from "@carrel/kube";
import { buildStandIn } from "./build-stand-in.ts";
import { jsonLogger } from "./json-logger.ts";

const logger = jsonLogger((line) => console.log(line));
const image = process.env["LAUNCHER_IMAGE"];
const namespace = process.env["VSPHERE_NAMESPACE"];
if (image === undefined || namespace === undefined) throw new Error("set LAUNCHER_IMAGE and VSPHERE_NAMESPACE");

logger.warn({}, "this is a STAND-IN of KubeVirt and of VM Operator for tests; guests are real, the operators are not");
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(name)));
await using client = createKubeClient(await loadKubeconfig({ inCluster: true }), {
  userAgent: "vm-operators-stand-in",
});
await buildStandIn({ client, logger, vsphere: { namespace, image } }).run(stop.signal);
