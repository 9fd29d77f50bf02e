import { systemClock } from "@carrel/std";
import {
  DEFAULT_CLUSTER,
  DEFAULT_PORT,
  ensureEmbeddedCluster,
  ensurePrograms,
  ownKubeconfig,
} from "../install/ensure-cluster.ts";
import { installOnEmbedded } from "../install/install-carrel.ts";
import { installOnExisting } from "../install/install-on-existing.ts";
import { connectBackend } from "../session/connect-backend.ts";
import { openNatsAccess } from "../session/nats-access.ts";
import { Progress } from "../terminal/progress.ts";
import type { Command } from "./command.ts";
import { parseOptions } from "./parse-options.ts";

const TENANT = "demo";
const USER = "you";
const SESSION_TIMEOUT_MS = 120_000;

export const up: Command = {
  summary: "a Kubernetes cluster if there is none, Carrel on it, one session, its URL",
  help: `carrel up [--cluster NAME] [--port PORT] [--template NAME] [--values FILE]...

Builds what is missing, starts the embedded Kubernetes cluster, installs Carrel with its Helm chart, creates one session
and prints its URL. Run again it takes seconds and gives the same session as long as that lives.

With KUBECONFIG set, Carrel is installed on that cluster; --values then names the images it can pull and its domain.

  --cluster NAME    the embedded cluster (default ${DEFAULT_CLUSTER})
  --port PORT       where browsers on this machine reach sessions (default ${DEFAULT_PORT})
  --template NAME   template of the session (default terminal)
  --values FILE     further Helm values, may be repeated
`,
  async run({ args, signal }) {
    const { values } = parseOptions(args, {
      cluster: { type: "string", default: DEFAULT_CLUSTER },
      port: { type: "string", default: String(DEFAULT_PORT) },
      template: { type: "string", default: "terminal" },
      values: { type: "string", multiple: true, default: [] },
    });
    const progress = new Progress();
    const step = progress.step.bind(progress);
    const kubeconfig = ownKubeconfig(values.cluster);
    await step("programs", (tell) => ensurePrograms({ tell, signal }));
    const access =
      kubeconfig !== undefined
        ? { kubeconfig, embedded: undefined, nats: undefined }
        : await step("Kubernetes cluster", (tell) => ensureEmbeddedCluster({ name: values.cluster, tell, signal }));
    let images: readonly { readonly name: string; readonly ref: string }[] = [];
    if (kubeconfig !== undefined) await installOnExisting({ access, values: values.values, step, signal });
    else images = await installOnEmbedded({ access, port: Number(values.port), values: values.values, step, signal });

    const reply = await step("session", async () => {
      await using nats = await openNatsAccess({
        kubeconfig: access.kubeconfig,
        tenant: TENANT,
        servers: access.nats,
        signal,
      });
      await using backend = await connectBackend(nats, signal);
      for await (const session of backend.listSessions({ user: USER }, { signal })) {
        if (session.state === "ready" && session.template === values.template) {
          return await backend.sessionToken(session.name, { signal });
        }
      }
      const deadlineMs = systemClock.now() + SESSION_TIMEOUT_MS;
      return await backend.createSession({ template: values.template, user: { id: USER } }, { deadlineMs, signal });
    });
    const { session, loginUrl } = reply;
    if (loginUrl === undefined)
      throw new Error(`session ${session.name} is ${session.phase}: ${session.reason ?? ""} ${session.message ?? ""}`);
    process.stdout.write(`
${loginUrl}

Open it within a minute (the token in it is good once; \`./carrel session token ${session.name}\` gives another).
Try:   kubectl create deployment web --image=${images.find(({ name }) => name === "nats")?.ref ?? "IMAGE"}
       kubectl get pods -n kube-system
The session ends at ${new Date(session.expiresAt).toLocaleTimeString()} (${session.expiresAt}), or by: ./carrel session end ${session.name}
`);
    if (access.embedded !== undefined)
      process.stdout.write(`kubectl: export KUBECONFIG=${access.kubeconfig}; kubectl get sessions,workspaces\n`);
  },
};
