import { BUDGET_SIZES, Quantity, type PolicyProfileSpec, type SessionTemplateSpec } from "@carrel/api";
import { budgetOf } from "../../budget/budgets.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { nearestName } from "../nearest-name.ts";
import type { Problem } from "../problem.ts";

type MaxBudget = PolicyProfileSpec["maxBudget"];

/** Sizes from least to greatest; `custom` is none, its quota is what counts. */
const ORDER: readonly MaxBudget[] = [...BUDGET_SIZES, "unlimited"];

/** Keys that Kubernetes has by these very names, and that no size counts. */
const FURTHER_KEYS = ["cpu", "memory", "storage", "ephemeral-storage"];
/** Keys that are made of the names of resources. */
const MADE_KEYS = [
  /^count\/[a-z0-9]+(\.[a-z0-9.-]+)?$/,
  /^requests\.[a-z0-9.-]+\/[A-Za-z0-9._-]+$/,
  /^(requests\.)?hugepages-[0-9]+(Ki|Mi|Gi)$/,
  /^[a-z0-9.-]+\.storageclass\.storage\.k8s\.io\/(requests\.storage|persistentvolumeclaims)$/,
];
/** Amounts of these are bytes or parts of cores; everything else is counted. */
const MEASURED = /(^|\.)(cpu|memory|storage|ephemeral-storage)$|hugepages-|\/requests\.storage$/;

/** How many keys a message lists. */
const MAX_SHOWN = 8;

/** Budgets and quotas that mean nothing, or more than the ceilings allow. */
export const budget: Check = ({ spec, ceilings }) => {
  const most = ceilings.reduce<MaxBudget>(
    (least, { maxBudget }) => (ORDER.indexOf(maxBudget) < ORDER.indexOf(least) ? maxBudget : least),
    "unlimited",
  );
  const tooLarge = spec.budget !== "custom" && ORDER.indexOf(spec.budget) > ORDER.indexOf(most);
  const quota = Object.entries(spec.quota).flatMap(([key, text]) => {
    const path = `spec.quota["${key}"]`;
    return (
      keyProblem(key, text, path) ??
      ceilings.flatMap((ceiling) => aboveCeiling([key, Quantity.parse(text)], path, ceiling)).slice(0, 1)
    );
  });
  return [
    ...(tooLarge
      ? [
          errorAt(
            "budget-above-ceiling",
            "spec.budget",
            `${spec.budget} is more than a ceiling profile allows; at most ${most}`,
          ),
        ]
      : []),
    ...quota,
    ...(spec.budget === "custom" ? uncounted(spec, ceilings) : []),
  ];
};

/** What a custom budget gives without naming it: as much as the largest size, which may be more than is allowed. */
function uncounted(
  { budget: custom, quota }: SessionTemplateSpec,
  ceilings: readonly PolicyProfileSpec[],
): readonly Problem[] {
  const named = budgetOf({ budget: custom, quota }).hard;
  const excess = Object.entries(budgetOf({ budget: custom, quota: {} }).hard).flatMap(([key, amount]) => {
    if (quota[key] !== undefined || named[key]?.compare(amount) !== 0) return [];
    return ceilings.some((ceiling) => aboveCeiling([key, amount], "", ceiling).length > 0) ? [key] : [];
  });
  if (excess.length === 0) return [];
  return [
    errorAt(
      "quota-above-ceiling",
      "spec.quota",
      `a custom budget counts like xxx-large what its quota does not name, and a ceiling profile allows less of ${excess.slice(0, MAX_SHOWN).join(", ")}${excess.length > MAX_SHOWN ? ` and ${excess.length - MAX_SHOWN} more` : ""}; name them in quota`,
    ),
  ];
}

/** What is wrong with a key or the form of its value; undefined when nothing is. */
function keyProblem(key: string, text: string, path: string): readonly Problem[] | undefined {
  const known = new Set([...Object.keys(budgetOf({ budget: "small", quota: {} }).hard), ...FURTHER_KEYS]);
  if (!known.has(key) && !MADE_KEYS.some((pattern) => pattern.test(key))) {
    const nearest = nearestName(key, known);
    const hint =
      nearest === undefined
        ? "write e.g. limits.cpu, pods, count/RESOURCE.GROUP or requests.VENDOR/DEVICE"
        : `did you mean ${nearest}?`;
    return [errorAt("quota-key", path, `${key} is no key of a ResourceQuota; ${hint}`)];
  }
  if (!MEASURED.test(key) && !/^[0-9]+k?$/.test(text)) {
    return [errorAt("quota-value", path, `${key} counts whole things, and ${text} is no whole number`)];
  }
  return undefined;
}

function aboveCeiling(
  [key, amount]: readonly [string, Quantity],
  path: string,
  ceiling: PolicyProfileSpec,
): readonly Problem[] {
  const granted = ceiling.maxQuota[key];
  if (granted !== undefined && amount.compare(Quantity.parse(granted)) <= 0) return [];
  // What only the quota bounds is not more by being bounded.
  const counted = mostOf(ceiling)[key];
  if (granted === undefined && (counted === undefined || amount.compare(counted) <= 0)) return [];
  const limit = granted ?? String(counted);
  return [
    errorAt(
      "quota-above-ceiling",
      path,
      `${String(amount)} is more than a ceiling profile allows; at most ${limit}, unless an operator raises maxQuota of each PolicyProfile with ceiling: true`,
    ),
  ];
}

/** What the greatest budget of a ceiling counts; of an unlimited one nothing but what is never free. */
function mostOf({ maxBudget }: PolicyProfileSpec): Readonly<Record<string, Quantity>> {
  const size: SessionTemplateSpec["budget"] = maxBudget === "unlimited" ? "xxx-large" : maxBudget;
  const { hard } = budgetOf({ budget: size, quota: {} });
  const aliases = { cpu: hard["requests.cpu"], memory: hard["requests.memory"] };
  const all = Object.entries({ ...hard, ...aliases }).filter(
    (entry): entry is [string, Quantity] => entry[1] !== undefined,
  );
  return Object.fromEntries(
    maxBudget === "unlimited" ? all.filter(([, amount]) => amount.compare(Quantity.zero) === 0) : all,
  );
}
