import { Quantity } from "@carrel/api";
import type { LimitRange } from "@carrel/kube";
import { type Amounts, budgetOf, formatAmounts, mergeAmounts, parseAmounts, pickAmounts } from "@carrel/template";
import { containerDefaults } from "./container-defaults.ts";
import { deskAmounts } from "./desk-amounts.ts";
import { limitsOf } from "./limits-of.ts";
import type { SessionNamespace } from "./session-namespace.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

type LimitEntry = LimitRange["spec"]["limits"][number];

const LEAST = parseAmounts({ cpu: "1m", memory: "1M" });
const LEAST_VOLUME = Quantity.parse("1Gi");

/**
 * Defaults, so that a pod that names no resources fits the quota, and bounds: by default a container or pod may take
 * the session's whole budget, and in the primary namespace at least what the desk takes, which no LimitRange can leave
 * out. What the template's `limits` say comes first; built-in values give way where the two contradict. Pure.
 *
 * @throws CarrelError `INVALID` for an amount that is no quantity or an unknown variable in one.
 */
export function planLimitRange(context: WorkspaceContext, namespace: SessionNamespace): LimitRange {
  const { limits } = namespace;
  const budget = budgetOf(context.template);
  const defaults = containerDefaults(context, namespace);
  const whole = limitsOf(budget.hard);
  const desk = namespace.primary ? deskAmounts(context) : undefined;
  const volume: Amounts = budget.volume === undefined ? {} : { storage: budget.volume };
  const entries: LimitEntry[] = [
    {
      type: "Container",
      ...bounds(limits?.container, { min: LEAST, max: raise(whole, desk?.largestContainer) }),
      default: formatAmounts(defaults.limits),
      defaultRequest: formatAmounts(defaults.requests),
    },
    { type: "Pod", ...bounds(limits?.pod, { min: {}, max: raise(whole, desk?.limits) }) },
    {
      type: "PersistentVolumeClaim",
      ...bounds(limits?.persistentVolumeClaim, { min: { storage: LEAST_VOLUME }, max: volume }),
    },
  ];
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: ownMetadata(context.workspace, "limits", namespace.name),
    // An entry that bounds nothing is none.
    spec: { limits: entries.filter((entry) => Object.keys(entry).length > 1) },
  };
}

interface Bounds {
  readonly min: Amounts;
  readonly max: Amounts;
}
type GivenBounds = { readonly [Side in keyof Bounds]?: Readonly<Record<string, string | undefined>> | undefined };

/** The template's bounds over the built-in ones. A built-in minimum gives way to a smaller maximum, and vice versa. */
function bounds(given: GivenBounds | undefined, builtIn: Bounds): Pick<LimitEntry, "min" | "max"> {
  const [min, max] = [parseAmounts(given?.min), parseAmounts(given?.max)];
  const merged = {
    min: { ...withBound(builtIn.min, max, (own, bound) => own.least(bound)), ...min },
    max: { ...withBound(builtIn.max, min, (own, bound) => own.greatest(bound)), ...max },
  };
  return {
    ...(Object.keys(merged.min).length === 0 ? {} : { min: formatAmounts(merged.min) }),
    ...(Object.keys(merged.max).length === 0 ? {} : { max: formatAmounts(merged.max) }),
  };
}

function withBound(amounts: Amounts, bound: Amounts, how: (a: Quantity, b: Quantity) => Quantity): Amounts {
  return mergeAmounts(
    amounts,
    pickAmounts(bound, (key) => amounts[key] !== undefined),
    how,
  );
}

function raise(whole: Amounts, desk: Amounts | undefined): Amounts {
  return withBound(whole, desk ?? {}, (a, b) => a.greatest(b));
}
