import { manifestLine, packageOf, runtimeDependencies } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** Packages that only some workspaces may name: whoever else needs them uses what those workspaces export. */
const OWNERS: readonly { readonly packages: RegExp; readonly owners: readonly string[]; readonly instead: string }[] = [
  {
    packages: /^@kubernetes\/client-node$/,
    owners: ["@carrel/kube"],
    instead: "use KubeClient of @carrel/kube: client-node opens a connection per request and drops unknown fields",
  },
  {
    packages: /^undici$/,
    owners: ["@carrel/kube", "@carrel/proxy"],
    instead: "use KubeClient of @carrel/kube for the API server, fetch for the rest",
  },
  {
    packages: /^@nats-io\//,
    owners: ["@carrel/messaging", "@carrel/testkit"],
    instead: "use @carrel/messaging",
  },
  {
    packages: /^jose$/,
    owners: ["@carrel/auth"],
    instead: "use @carrel/auth: it pins algorithms, issuer and audience",
  },
  {
    packages: /^(pino(-.*)?|@opentelemetry\/(sdk|exporter)-.*)$/,
    owners: ["@carrel/service"],
    instead: "take a Logger as a parameter; record spans and metrics through @opentelemetry/api",
  },
];

/** Each library with a hazard has one workspace that tames it. */
export const externalOwners: Rule = ({ workspaces }) =>
  workspaces.flatMap((workspace) => {
    const objection = (name: string): string | undefined => {
      const entry = OWNERS.find(({ packages }) => packages.test(name));
      if (entry === undefined || entry.owners.includes(workspace.name)) return undefined;
      return `only ${entry.owners.join(" and ")} may name ${name}: ${entry.instead}`;
    };
    const { manifest, directory, files } = workspace;
    const declared = [...runtimeDependencies(manifest), ...Object.keys(manifest.devDependencies ?? {})].map((name) => ({
      path: `${directory}/package.json`,
      line: manifestLine(workspace, name),
      message: objection(name),
    }));
    const imported = files.flatMap(({ path, imports }) =>
      imports.map(({ specifier, line }) => ({ path, line, message: objection(packageOf(specifier) ?? "") })),
    );
    return [...declared, ...imported].flatMap(({ message, ...place }) =>
      message === undefined ? [] : [{ ...place, message }],
    );
  });
