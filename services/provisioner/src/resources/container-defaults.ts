import { Quantity } from "@carrel/api";
import { type Amounts, budgetOf, mergeAmounts, parseAmounts, pickAmounts } from "@carrel/template";
import { limitsOf } from "./limits-of.ts";
import type { SessionNamespace } from "./session-namespace.ts";
import type { WorkspaceContext } from "./workspace-context.ts";

/** What a container gets that says nothing about its resources. */
export interface ContainerDefaults {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const EPHEMERAL_LIMIT = Quantity.parse("256Mi");
const REQUESTS = parseAmounts({ cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" });

/**
 * The defaults of a namespace's containers: the template's, else those of the budget, but never more than the template
 * lets a container have or than the namespace's part of the budget, which such a container could not be started in.
 * Pure. @throws CarrelError `INVALID` for an amount that is no quantity.
 */
export function containerDefaults(
  { template }: Pick<WorkspaceContext, "template">,
  { limits, part }: Pick<SessionNamespace, "limits" | "part">,
): ContainerDefaults {
  const { defaultCpu, defaultMemory } = budgetOf(template);
  const least = (a: Quantity, b: Quantity): Quantity => a.least(b);
  const builtIn = { cpu: defaultCpu, memory: defaultMemory, "ephemeral-storage": EPHEMERAL_LIMIT };
  const bounds = mergeAmounts(partOfContainer(part), parseAmounts(limits?.container?.max), least);
  const limited = { ...atMost(builtIn, bounds), ...parseAmounts(limits?.container?.default) };
  return {
    limits: limited,
    requests: { ...atMost(REQUESTS, limited), ...parseAmounts(limits?.container?.defaultRequest) },
  };
}

/** The amounts, each cut at its bound where there is one. */
function atMost(amounts: Amounts, bounds: Amounts): Amounts {
  return Object.fromEntries(
    Object.entries(amounts).map(([key, amount]) => [
      key,
      bounds[key] === undefined ? amount : amount.least(bounds[key]),
    ]),
  );
}

/** What one container could have of a part of the budget. A part of nothing bounds no default: nothing runs there. */
function partOfContainer(part: Amounts): Amounts {
  const limits = limitsOf(part);
  return pickAmounts(limits, (key) => limits[key]?.compare(Quantity.zero) !== 0);
}
