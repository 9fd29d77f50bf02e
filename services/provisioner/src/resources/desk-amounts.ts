import { addAmounts, type Amounts, mergeAmounts, parseAmounts, renderVariables } from "@carrel/template";
import { containerDefaults, type ContainerDefaults } from "./container-defaults.ts";
import { DESK_RESOURCES, type DeskContainer } from "./desk-pod.ts";
import type { WorkspaceContext } from "./workspace-context.ts";

/** What the desk itself needs, and may take at most. */
export interface DeskAmounts {
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** The largest limits of its single containers, resource by resource. */
  readonly largestContainer: Amounts;
}

interface ContainerAmounts {
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly init: boolean;
  /** An init container that goes on running beside the others. */
  readonly sidecar: boolean;
}

/**
 * What the template's desk comes to, as the scheduler counts: its containers and sidecars together, or an init
 * container with the sidecars before it, whichever is more. Pure.
 *
 * @throws CarrelError `INVALID` for an amount that is no quantity or an unknown variable in one.
 */
export function deskAmounts(context: WorkspaceContext): DeskAmounts {
  const { spec } = context.template.workspace.template;
  const defaults = containerDefaults(context, context.namespaces[0]);
  const read = (container: DeskContainer, init: boolean): ContainerAmounts => ({
    ...amountsOf(container, defaults, context.variables),
    init,
    sidecar: init && container["restartPolicy"] === "Always",
  });
  const containers = [
    ...((spec["initContainers"] ?? []) as DeskContainer[]).map((container) => read(container, true)),
    ...spec.containers.map((container) => read(container, false)),
  ];
  return {
    requests: podAmounts(containers, "requests"),
    limits: podAmounts(containers, "limits"),
    largestContainer: containers.reduce<Amounts>((sum, { limits }) => greatest(sum, limits), {}),
  };
}

/** As the API server fills it in: a limit without a request is the request too, the LimitRange gives the rest. */
function amountsOf(
  container: DeskContainer,
  defaults: ContainerDefaults,
  variables: WorkspaceContext["variables"],
): Pick<ContainerAmounts, "requests" | "limits"> {
  const given = (container["resources"] ?? DESK_RESOURCES) as Partial<typeof DESK_RESOURCES>;
  const rendered = renderVariables({ requests: given.requests, limits: given.limits }, variables);
  const limits = parseAmounts(rendered.limits);
  return {
    limits: { ...defaults.limits, ...limits },
    requests: { ...defaults.requests, ...limits, ...parseAmounts(rendered.requests) },
  };
}

function podAmounts(containers: readonly ContainerAmounts[], of: "requests" | "limits"): Amounts {
  let running: Amounts = {};
  let starting: Amounts = {};
  for (const container of containers) {
    if (container.init && !container.sidecar) starting = greatest(starting, addAmounts(running, container[of]));
    else running = addAmounts(running, container[of]);
  }
  return greatest(starting, running);
}

function greatest(a: Amounts, b: Amounts): Amounts {
  return mergeAmounts(a, b, (x, y) => x.greatest(y));
}
