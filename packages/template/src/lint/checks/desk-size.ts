import { Quantity, type PolicyProfileSpec, type SessionTemplateSpec } from "@carrel/api";
import { addAmounts, mergeAmounts, type Amounts } from "../../budget/amounts.ts";
import { budgetOf } from "../../budget/budgets.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";

type Container = Readonly<Record<string, unknown>>;

const PATH = "spec.workspace.template.spec";

/**
 * The workspace pod itself stands beside the learner's budget, so nothing but a ceiling bounds it: it may be as large as
 * the largest budget, and takes devices only where an operator granted them.
 */
export const deskSize: Check = ({ spec, ceilings }) => {
  const pod = spec.workspace.template.spec;
  const running = pod.containers.map((container, index) => read(container, `${PATH}.containers[${index}]`));
  const starting = (Array.isArray(pod["initContainers"]) ? (pod["initContainers"] as Container[]) : []).map(
    (container, index) => read(container, `${PATH}.initContainers[${index}]`),
  );
  const together = running.reduce<Amounts>((sum, { amounts }) => addAmounts(sum, amounts), {});
  const largest = starting.reduce(
    (most, { amounts }) => mergeAmounts(most, amounts, (a, b) => a.greatest(b)),
    together,
  );
  return [
    ...[...running, ...starting].flatMap(({ problems }) => problems),
    ...Object.entries(largest).flatMap(([key, amount]) =>
      ceilings.flatMap((ceiling) => aboveCeiling(key, amount, ceiling)).slice(0, 1),
    ),
  ];
};

/** What a container may take: of each resource the greater of request and limit. */
function read(
  container: Container | null | undefined,
  path: string,
): { readonly amounts: Amounts; readonly problems: readonly Problem[] } {
  const resources = container?.["resources"] as Container | null | undefined;
  let amounts: Amounts = {};
  const problems: Problem[] = [];
  for (const field of ["requests", "limits"] as const) {
    for (const [key, value] of Object.entries((resources?.[field] ?? {}) as Container)) {
      const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
      if (text.includes("$(")) {
        const rest = text.replaceAll(/\$\(values\.[A-Za-z0-9]+\)/g, "");
        if (rest.includes("$("))
          problems.push(
            errorAt(
              "desk-amount",
              `${path}.resources.${field}["${key}"]`,
              "must be an amount or a constant of the operator's: a ceiling bounds it, and a user's value could be anything",
            ),
          );
        continue;
      }
      const amount = parsed(text);
      // What is no quantity the API server refuses itself.
      if (amount !== undefined) amounts = mergeAmounts(amounts, { [key]: amount }, (a, b) => a.greatest(b));
    }
  }
  return { amounts, problems };
}

function parsed(text: string): Quantity | undefined {
  try {
    return Quantity.parse(text);
  } catch {
    return undefined;
  }
}

function aboveCeiling(key: string, amount: Quantity, { maxBudget, maxQuota }: PolicyProfileSpec): readonly Problem[] {
  const granted = maxQuota[`requests.${key}`];
  const device = key.includes("/") || key.startsWith("hugepages-");
  const most =
    granted === undefined ? (device ? Quantity.parse("0") : mostOf(key, maxBudget)) : Quantity.parse(granted);
  if (most === undefined || amount.compare(most) <= 0) return [];
  return [
    errorAt(
      "desk-above-ceiling",
      `${PATH}.containers`,
      `the workspace pod takes ${String(amount)} of ${key}, and a ceiling profile allows ${String(most)}; ask for less, or an operator raises maxBudget or maxQuota["requests.${key}"]`,
    ),
  ];
}

/** What the greatest budget of a ceiling has of a resource; undefined when it does not bound it. */
function mostOf(key: string, maxBudget: PolicyProfileSpec["maxBudget"]): Quantity | undefined {
  if (maxBudget === "unlimited") return undefined;
  const size: SessionTemplateSpec["budget"] = maxBudget;
  return budgetOf({ budget: size, quota: {} }).hard[`limits.${key}`];
}
