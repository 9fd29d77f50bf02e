import { runCommand } from "../process/run-command.ts";
import { waitUntil } from "../process/wait-until.ts";
import { fullImageReference } from "./image-reference.ts";

/** What names the container runtime of a cluster; every `Cluster` is one. */
export interface ImageStore {
  readonly containerdSocket: string;
}

const CRI_NAMESPACE = "k8s.io";
const IMPORT_TIMEOUT_MS = 5 * 60_000;

/**
 * Imports a docker-archive or oci-archive file into a cluster, so that pods with `imagePullPolicy: IfNotPresent` or
 * `Never` use it: these clusters reach no registry. Gives the names of the images, when the kubelet sees them.
 * @throws ClusterError `COMMAND_FAILED` when the file is no image archive.
 */
export async function loadImage(store: ImageStore, archivePath: string, signal?: AbortSignal): Promise<string[]> {
  const output = await ctr(store, ["images", "import", archivePath], signal);
  const names = [...output.matchAll(/^unpacking (\S+) /gm)].flatMap((match) => match[1] ?? []);
  for (const name of names) {
    await waitUntil(async () => ((await hasImage(store, name)) ? true : undefined), {
      what: `the kubelet's view of containerd shows ${name}`,
      timeoutMs: 30_000,
      signal,
    });
  }
  return names;
}

/** Whether pods can use the image of this name without a pull. */
export async function hasImage(store: ImageStore, name: string): Promise<boolean> {
  // The label is set when containerd's CRI part has taken notice; before that the kubelet would try to pull.
  const filter = `name==${fullImageReference(name)},labels."io.cri-containerd.image"==managed`;
  return (await ctr(store, ["images", "ls", "--quiet", filter])).trim() !== "";
}

function ctr(store: ImageStore, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const command = ["--address", store.containerdSocket, "--namespace", CRI_NAMESPACE, ...args];
  return runCommand("ctr", command, { timeoutMs: IMPORT_TIMEOUT_MS, signal });
}
