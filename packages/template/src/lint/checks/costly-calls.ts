import { mapStrings } from "../../variables/map-strings.ts";
import type { Expression } from "../../variables/parse-text.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import { renderedTrees } from "../rendered-trees.ts";
import { textParts } from "../text-parts.ts";

/** Some 20 ms each, in which the provisioner does nothing else: half a second for a session. */
const MAX_HTPASSWD = 24;

/** Calls that take their time, and so many that making a session would hold up all others. */
export const costlyCalls: Check = ({ spec }) => {
  let count = 0;
  for (const { tree, path } of renderedTrees(spec)) {
    mapStrings(tree, path, (text) => {
      if (text.includes("htpasswd")) count += textParts(text).reduce((sum, part) => sum + callsIn(part), 0);
      return text;
    });
  }
  if (count <= MAX_HTPASSWD) return [];
  const message = `htpasswd is called ${count} times, and each call is slow on purpose; at most ${MAX_HTPASSWD} are allowed`;
  return [errorAt("costly-calls", "spec", message)];
};

function callsIn(part: Expression | string): number {
  if (typeof part === "string" || part.type !== "call") return 0;
  return part.arguments.reduce((sum, argument) => sum + callsIn(argument), part.function === "htpasswd" ? 1 : 0);
}
