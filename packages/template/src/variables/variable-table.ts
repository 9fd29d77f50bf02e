/** When a variable is known: when a Workspace is built, or once a session has claimed it. */
export type Stage = "build" | "claim";

export interface VariableRow {
  /** Name; parts in capitals stand for any name of their kind. */
  readonly name: string;
  readonly stage: Stage;
  readonly means: string;
}

/**
 * Every variable that a template may use. The table in `docs/reference/templates.md` is generated from this; stages
 * follow from it alone, but for `outputs`, which have the stage of their object.
 */
export const VARIABLES: readonly VariableRow[] = [
  { name: "session.name", stage: "claim", means: "Name of the Session; also its label in host names." },
  { name: "session.uid", stage: "claim", means: "UID of the Session." },
  { name: "session.url", stage: "claim", means: "URL of the endpoint `main`." },
  { name: "session.host", stage: "claim", means: "Host of the endpoint `main`, without port." },
  { name: "session.namespace", stage: "build", means: "The primary namespace." },
  { name: "session.serviceAccount", stage: "build", means: "The learner's ServiceAccount in the primary namespace." },
  { name: "namespaces.NAME", stage: "build", means: "A namespace of `spec.namespaces`; `primary` is the primary one." },
  {
    name: "workspace.name",
    stage: "build",
    means: "Unguessable and never used twice: for the names of cluster-scoped objects.",
  },
  { name: "workspace.uid", stage: "build", means: "UID of the Workspace." },
  { name: "workspace.image", stage: "build", means: "Image of the first container of the workspace pod." },
  { name: "workspace.imagePullPolicy", stage: "build", means: "Its pull policy, `IfNotPresent` when none is given." },
  { name: "template.name", stage: "build", means: "Name of the SessionTemplate." },
  { name: "template.generation", stage: "build", means: "Its generation." },
  { name: "ingress.domain", stage: "build", means: "Domain below which sessions have their hosts." },
  { name: "ingress.scheme", stage: "build", means: "`https` or `http`, as browsers see it." },
  { name: "ingress.port", stage: "build", means: "Port, as browsers see it." },
  { name: "ingress.portSuffix", stage: "build", means: "`:PORT`, empty for the scheme's usual one." },
  { name: "ingress.class", stage: "build", means: "IngressClass that the operator names; may be empty." },
  { name: "cluster.domain", stage: "build", means: "DNS domain of Services, e.g. `cluster.local`." },
  {
    name: "cluster.storageClass",
    stage: "build",
    means: "StorageClass that the operator names; empty: the default one.",
  },
  { name: "values.NAME", stage: "build", means: "A constant of the operator's." },
  { name: "generated.NAME", stage: "build", means: "A value of `spec.generate`, but for `sshKey`. Secret." },
  { name: "generated.NAME.private", stage: "build", means: "Private key of an `sshKey`, in OpenSSH's format. Secret." },
  { name: "generated.NAME.public", stage: "build", means: "Its public key, one line of `authorized_keys`." },
  { name: "generated.NAME.secret", stage: "build", means: "Name of the Secret that keeps it, under the same key." },
  { name: "outputs.OBJECT.FIELD", stage: "build", means: "A field of an object; known when its object is." },
  { name: "endpoints.NAME.url", stage: "claim", means: "URL of an endpoint." },
  { name: "endpoints.NAME.host", stage: "claim", means: "Host of an endpoint, without port." },
  { name: "user.id", stage: "claim", means: "The SaaS's id of the user." },
  { name: "user.name", stage: "claim", means: "The user's name; may be empty." },
  { name: "user.email", stage: "claim", means: "The user's address; may be empty." },
  { name: "user.claims.NAME", stage: "claim", means: "A further fact of the SaaS's; empty when it gave none." },
  { name: "tenant.name", stage: "claim", means: "Name of the Tenant." },
  { name: "parameters.NAME", stage: "claim", means: "A parameter of the request, or its default." },
];

const ROWS = VARIABLES.map((row) => ({ row, pattern: patternOf(row.name) }));

/** The row of {@link VARIABLES} that a name belongs to. */
export function variableRow(name: string): VariableRow | undefined {
  return ROWS.find(({ pattern }) => pattern.test(name))?.row;
}

/** When a variable of this name is known, `outputs` apart; undefined for a name that no variable has. */
export function stageOfName(name: string): Stage | undefined {
  return variableRow(name)?.stage;
}

function patternOf(name: string): RegExp {
  const parts = name.split(".").map((part) => (/^[A-Z]+$/.test(part) ? "[A-Za-z][\\w-]*" : part));
  return new RegExp(`^${parts.join("\\.")}$`);
}
