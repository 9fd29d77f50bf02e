import type { SessionTemplateSpec } from "@carrel/api";

/** A part of a template in which variables are replaced. */
export interface RenderedTree {
  readonly tree: unknown;
  readonly path: string;
  /**
   * When it is rendered: `build` with the Workspace, which of a pool's spares is before any session; `claim` once there
   * is one; `object` when the object's own variables are known.
   */
  readonly when: "build" | "claim" | "object";
  /** Rendered with the namespaces, before any object is made: outputs of objects come too late for it. */
  readonly beforeObjects?: true;
}

/** All parts of a template in which variables are replaced; in everything else `$(` is text. */
export function renderedTrees(spec: SessionTemplateSpec): readonly RenderedTree[] {
  const names = (rules: SessionTemplateSpec["rules"], path: string): RenderedTree[] =>
    rules.map(({ resourceNames }, index) => ({
      tree: resourceNames ?? [],
      path: `${path}[${index}].resourceNames`,
      when: "build",
      beforeObjects: true,
    }));
  return [
    { tree: spec.workspace.template, path: "spec.workspace.template", when: "build" },
    { tree: spec.network.egress, path: "spec.network.egress", when: "build", beforeObjects: true },
    ...names(spec.rules, "spec.rules"),
    ...names(spec.clusterRules, "spec.clusterRules"),
    ...spec.namespaces.flatMap(({ rules }, index) => names(rules, `spec.namespaces[${index}].rules`)),
    ...spec.objects.flatMap((object, index): RenderedTree[] => [
      { tree: object.template, path: `spec.objects[${index}].template`, when: "object" },
      { tree: object.when ?? "", path: `spec.objects[${index}].when`, when: "object" },
    ]),
    ...spec.links.map(({ url }, index): RenderedTree => ({
      tree: url,
      path: `spec.links[${index}].url`,
      when: "claim",
    })),
  ];
}
