import { manifestLine, runtimeDependencies, type Workspace } from "../repository/repository.ts";
import type { Rule, Violation } from "./violation.ts";

/**
 * Which layers a layer may depend on: `std ← api ← {kube, messaging, auth, template} ← services`, `std ← service ←
 * services`, `client ← cli`. A runtime package knows no other one; services know none of each other: they meet in API
 * objects and on NATS.
 */
const MAY_DEPEND_ON: Readonly<Record<string, readonly string[]>> = {
  std: [],
  api: ["std"],
  runtime: ["std", "api"],
  service: ["std"],
  "service-app": ["std", "api", "runtime", "service"],
  client: ["std", "api", "runtime"],
  cli: ["std", "api", "runtime", "client", "tool"],
  app: ["std", "api"],
  tool: ["std", "api", "runtime", "service", "service-app", "client", "cli", "app", "tool"],
  bench: ["std", "api", "runtime", "client", "cli", "tool", "testkit"],
  testkit: ["std", "api", "runtime", "tool", "testkit"],
  test: ["std", "api", "runtime", "service", "service-app", "client", "cli", "app", "tool", "testkit"],
};

/** What any layer may use besides in its tests. */
const TESTS_MAY_DEPEND_ON: readonly string[] = ["testkit", "tool"];

/** Workspaces that may use less than their layer. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  "@carrel/client": ["@carrel/std", "@carrel/api", "@carrel/messaging"],
};

/** Dependencies between workspaces point from the services down to std, never up or sideways. */
export const layerDirection: Rule = ({ workspaces }) => {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
  return workspaces.flatMap((workspace) => {
    const path = `${workspace.directory}/package.json`;
    const allowed = MAY_DEPEND_ON[workspace.layer ?? ""];
    if (allowed === undefined) {
      const message = `needs one tag "layer:…" in nx.tags, of: ${Object.keys(MAY_DEPEND_ON).join(", ")}`;
      return [{ path, line: manifestLine(workspace, "tags"), message }];
    }
    const check = (names: readonly string[], layers: readonly string[]): Violation[] =>
      names.flatMap((name) => {
        const target = byName.get(name);
        const message = target === undefined ? undefined : objection(workspace, target, layers);
        return message === undefined ? [] : [{ path, line: manifestLine(workspace, name), message }];
      });
    return [
      ...check(runtimeDependencies(workspace.manifest), allowed),
      ...check(Object.keys(workspace.manifest.devDependencies ?? {}), [...allowed, ...TESTS_MAY_DEPEND_ON]),
    ];
  });
};

function objection(from: Workspace, to: Workspace, layers: readonly string[]): string | undefined {
  if (from.layer === "service-app" && to.layer === "service-app") {
    return `${from.name} must not use ${to.name}: services meet in API objects and on NATS, typed in packages/api`;
  }
  const only = ONLY[from.name];
  if (only !== undefined && !only.includes(to.name) && !TESTS_MAY_DEPEND_ON.includes(to.layer ?? "")) {
    return `${from.name} must not use ${to.name}: it is installed by others, and may use only ${only.join(", ")}`;
  }
  if (layers.includes(to.layer ?? "")) return undefined;
  const may = layers.length === 0 ? "no other workspace" : `only ${layers.join(", ")}`;
  return `${from.name} (layer ${from.layer}) must not use ${to.name} (layer ${to.layer}): it may use ${may}; move what both need down, or pass it in as an interface`;
}
