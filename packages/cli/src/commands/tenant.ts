import { API_VERSION, type Tenant, type TenantSpec } from "@carrel/api";
import { createKubeClient, loadKubeconfig, TENANTS, type KubeClient } from "@carrel/kube";
import { DEFAULT_CLUSTER, requireCluster } from "../install/ensure-cluster.ts";
import { OUTPUT, OUTPUT_HELP, printOutput } from "../output/output.ts";
import { table } from "../output/table.ts";
import { UsageError } from "./usage-error.ts";
import { commandOf, required, verb } from "./verb.ts";

const COMMON = { cluster: { type: "string", default: DEFAULT_CLUSTER }, ...OUTPUT } as const;
const SPEC = {
  title: { type: "string" },
  "max-sessions": { type: "string" },
  "max-per-user": { type: "string" },
  "max-queued": { type: "string" },
  weight: { type: "string" },
  "max-lifetime": { type: "string" },
  template: { type: "string", multiple: true },
} as const;

export const tenant = commandOf("tenant", {
  summary: "list, get, create, set, suspend, resume, delete tenants",
  help: `carrel tenant list
carrel tenant get NAME
carrel tenant create NAME [options]
carrel tenant set NAME [options]       changes what is given
carrel tenant suspend|resume NAME      no new sessions; those that run go on
carrel tenant delete NAME              its sessions must have ended

  --title TEXT          --max-sessions N     --max-per-user N    --max-queued N
  --weight N            --max-lifetime 8h    --template PATTERN  may be repeated; default all

Talks to the Kubernetes API as you. NATS credentials of a tenant come from the chart's value \`tenants\`.

  --cluster NAME    the embedded cluster (default ${DEFAULT_CLUSTER}); KUBECONFIG wins
${OUTPUT_HELP}
`,
  verbs: {
    list: verb(COMMON, 0, ({ values }, signal) =>
      withKube(values.cluster, signal, async (client) => {
        const { items } = await client.list(TENANTS, { signal });
        printOutput(values.output, items, () => tenantTable(items));
      }),
    ),
    get: look(({ client, name, signal }) => client.get(TENANTS, name, { signal })),
    create: change(({ client, name, spec, signal }) =>
      client.create(
        TENANTS,
        { apiVersion: API_VERSION, kind: "Tenant", metadata: { name }, spec: spec as TenantSpec },
        { signal },
      ),
    ),
    set: change(({ client, name, spec, signal }) => client.mergePatch(TENANTS, name, { spec }, { signal })),
    suspend: look(({ client, name, signal }) =>
      client.mergePatch(TENANTS, name, { spec: { suspended: true } }, { signal }),
    ),
    resume: look(({ client, name, signal }) =>
      client.mergePatch(TENANTS, name, { spec: { suspended: false } }, { signal }),
    ),
    delete: verb(COMMON, 1, ({ values, positionals }, signal) =>
      withKube(values.cluster, signal, async (client) => {
        const name = required(positionals, "the tenant's name");
        await client.delete(TENANTS, name, { signal });
        process.stdout.write(`tenant ${name} deleted\n`);
      }),
    ),
  },
});

type Act<Input> = (
  input: Input & { readonly client: KubeClient; readonly name: string; readonly signal: AbortSignal },
) => Promise<Tenant>;

/** A verb about one tenant that answers with it. */
function look(act: Act<object>) {
  return verb(COMMON, 1, ({ values, positionals }, signal) => answer(values, positionals, signal, act));
}

/** The same for a verb that says what the tenant may have. */
function change(act: Act<{ readonly spec: Partial<TenantSpec> }>) {
  return verb({ ...COMMON, ...SPEC }, 1, ({ values, positionals }, signal) => {
    const spec = specOf(values);
    return answer(values, positionals, signal, (input) => act({ ...input, spec }));
  });
}

async function answer(
  { cluster, output }: { readonly cluster: string; readonly output: string },
  positionals: readonly string[],
  signal: AbortSignal,
  act: Act<object>,
): Promise<void> {
  const name = required(positionals, "the tenant's name");
  await withKube(cluster, signal, async (client) => {
    const found = await act({ client, name, signal });
    printOutput(output, found, () => tenantTable([found]));
  });
}

type Given = { readonly [Key in keyof typeof SPEC]?: string | readonly string[] | undefined };

function specOf(values: Given): Partial<TenantSpec> {
  const spec = {
    title: values.title,
    maxSessions: count(values, "max-sessions"),
    maxSessionsPerUser: count(values, "max-per-user"),
    maxQueued: count(values, "max-queued"),
    weight: count(values, "weight"),
    maxLifetime: values["max-lifetime"],
    templates: values.template,
  };
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
}

function count(values: Given, option: keyof typeof SPEC): number | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(String(text))) throw new UsageError(`--${option} ${String(text)}: give a number`);
  return Number(text);
}

async function withKube(
  cluster: string,
  signal: AbortSignal,
  use: (client: KubeClient) => Promise<void>,
): Promise<void> {
  const { kubeconfig } = await requireCluster(cluster, signal);
  await using client = createKubeClient(await loadKubeconfig({ path: kubeconfig }), { userAgent: "carrel-cli" });
  await use(client);
}

function tenantTable(tenants: readonly Tenant[]): string {
  return table(
    ["NAME", "SESSIONS", "PER-USER", "QUEUED", "WEIGHT", "SUSPENDED"],
    tenants.map(({ metadata, spec }) => [
      metadata.name,
      String(spec.maxSessions),
      String(spec.maxSessionsPerUser),
      String(spec.maxQueued),
      String(spec.weight),
      String(spec.suspended),
    ]),
  );
}
