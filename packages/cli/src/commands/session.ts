import type { SessionView } from "@carrel/api";
import { CarrelError, systemClock } from "@carrel/std";
import { DEFAULT_CLUSTER, findCluster } from "../install/ensure-cluster.ts";
import type { CarrelClient, SessionAnswer } from "@carrel/client";
import { connectBackend } from "../session/connect-backend.ts";
import { openNatsAccess } from "../session/nats-access.ts";
import type { Command } from "./command.ts";
import { parseOptions } from "./parse-options.ts";
import { UsageError } from "./usage-error.ts";

const COMMON = {
  tenant: { type: "string", default: "demo" },
  cluster: { type: "string", default: DEFAULT_CLUSTER },
  nats: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

export const session: Command = {
  summary: "create, get, list, end sessions; a token for one",
  help: `carrel session create --template NAME --user ID [--name NAME] [--email ADDRESS] [--param KEY=VALUE]... [--key KEY] [--timeout SECONDS]
carrel session get NAME
carrel session list [--user ID] [--ended]
carrel session end NAME
carrel session token NAME

Talks to the provisioner over NATS, as the tenant's backend does.

  --tenant NAME     (default demo); its credentials are read from the cluster
  --nats URL        where NATS is; default: the embedded cluster's node port, else a port-forward
  --cluster NAME    the embedded cluster (default ${DEFAULT_CLUSTER}); KUBECONFIG wins
  --json            the reply as JSON
`,
  async run({ args, signal }) {
    const [verb = "", ...rest] = args;
    const action = ACTIONS[verb];
    if (action === undefined)
      throw new UsageError(`unknown: session ${verb}; there are ${Object.keys(ACTIONS).join(", ")}`);
    await action(rest, signal);
  },
};

const ACTIONS: Readonly<Record<string, (args: readonly string[], signal: AbortSignal) => Promise<void>>> = {
  async create(args, signal) {
    const { values } = parseOptions(args, {
      ...COMMON,
      template: { type: "string" },
      user: { type: "string" },
      name: { type: "string" },
      email: { type: "string" },
      param: { type: "string", multiple: true, default: [] },
      key: { type: "string" },
      timeout: { type: "string", default: "120" },
    });
    const { template, user, name, email } = values;
    if (template === undefined || user === undefined)
      throw new UsageError("session create needs --template and --user");
    const request = {
      template,
      user: { id: user, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) },
      parameters: Object.fromEntries(values.param.map(splitParameter)),
    };
    await withBackend(values, signal, async (backend) => {
      const deadlineMs = systemClock.now() + Number(values.timeout) * 1000;
      const key = values.key === undefined ? {} : { idempotencyKey: values.key };
      printAnswer(await backend.createSession(request, { deadlineMs, signal, ...key }), values.json);
    });
  },
  get: (args, signal) =>
    one(args, signal, async (backend, name) => ({ session: await backend.getSession(name, { signal }) })),
  end: (args, signal) =>
    one(args, signal, async (backend, name) => ({ session: await backend.endSession(name, { signal }) })),
  token: (args, signal) => one(args, signal, (backend, name) => backend.sessionToken(name, { signal })),
  async list(args, signal) {
    const { values } = parseOptions(args, {
      ...COMMON,
      user: { type: "string" },
      ended: { type: "boolean", default: false },
    });
    await withBackend(values, signal, async (backend) => {
      const user = values.user === undefined ? {} : { user: values.user };
      const sessions: SessionView[] = [];
      for await (const found of backend.listSessions({ includeEnded: values.ended, ...user }, { signal }))
        sessions.push(found);
      print(values.json ? JSON.stringify(sessions) : sessions.map(describe).join("\n") || "no sessions");
    });
  },
};

async function one(
  args: readonly string[],
  signal: AbortSignal,
  ask: (backend: CarrelClient, name: string) => Promise<SessionAnswer>,
): Promise<void> {
  const { values, positionals } = parseOptions(args, COMMON, 1);
  const [name] = positionals;
  if (name === undefined) throw new UsageError("give the session's name; `carrel session list` shows them");
  await withBackend(values, signal, async (backend) => {
    printAnswer(await ask(backend, name), values.json);
  });
}

async function withBackend(
  values: { readonly tenant: string; readonly cluster: string; readonly nats?: string | undefined },
  signal: AbortSignal,
  use: (backend: CarrelClient) => Promise<void>,
): Promise<void> {
  const access = await findCluster(values.cluster, signal);
  if (access === undefined)
    throw new CarrelError(
      "NO_CLUSTER",
      `cluster ${values.cluster} does not run: ./carrel up starts it; or set KUBECONFIG`,
    );
  await using nats = await openNatsAccess({
    kubeconfig: access.kubeconfig,
    tenant: values.tenant,
    servers: values.nats ?? access.nats,
    signal,
  });
  await using backend = await connectBackend(nats, signal);
  await use(backend);
}

function printAnswer(answer: SessionAnswer, json: boolean): void {
  const login = answer.loginUrl === undefined ? "" : `\n${answer.loginUrl}`;
  print(json ? JSON.stringify(answer) : `${describe(answer.session)}${login}`);
}

function describe(view: SessionView): string {
  const why =
    view.state === "ready" ? "" : `  ${view.reason ?? ""}${view.message === undefined ? "" : `: ${view.message}`}`;
  return `${view.name}  ${view.phase.padEnd(12)}  ${view.template}  ${view.user.id}  until ${view.expiresAt}${why}`;
}

function splitParameter(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--param ${text}: write KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
