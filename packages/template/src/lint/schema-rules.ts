import type { AccessRule, SessionTemplateSpec } from "@carrel/api";
import { parseDurationMs } from "@carrel/std";
import { errorAt } from "./lint-facts.ts";
import type { Problem } from "./problem.ts";

/** Where a rule of the schema is broken, and the message of that rule. */
type Broken = readonly [boolean, string, string];

/**
 * What the CEL rules of the CRD refuse, for those who have no API server to ask. A test holds the messages against the
 * schema, so that no rule is missing here.
 */
export function schemaProblems(spec: SessionTemplateSpec): readonly Problem[] {
  const broken: readonly Broken[] = [
    ...lifetime(spec),
    ...spec.parameters.flatMap(({ required, secret, default: given }, index): Broken[] => {
      const path = `spec.parameters[${index}]`;
      return [
        [required && given !== undefined, path, "a required parameter has no default"],
        [secret && given !== undefined, path, "a secret parameter has no default"],
      ];
    }),
    ...spec.generate.flatMap(({ type, pattern, alphabet }, index): Broken[] => {
      const path = `spec.generate[${index}]`;
      return [
        [type === "pattern" && pattern === undefined, path, "type pattern needs a pattern"],
        [type !== "pattern" && pattern !== undefined, path, "pattern goes with type pattern only"],
        [type !== "password" && alphabet !== undefined, path, "alphabet goes with type password only"],
      ];
    }),
    ...accessRules(spec.rules, "spec.rules"),
    ...accessRules(spec.clusterRules, "spec.clusterRules"),
    ...spec.namespaces.flatMap(({ rules }, index) => accessRules(rules, `spec.namespaces[${index}].rules`)),
    ...spec.objects.flatMap(({ waitFor }, index): Broken[] => {
      const path = `spec.objects[${index}].waitFor`;
      if (waitFor === undefined) return [];
      return [
        [(waitFor.condition === undefined) === (waitFor.path === undefined), path, "give either condition or path"],
        [waitFor.value !== undefined && waitFor.path === undefined, path, "value goes with path"],
      ];
    }),
    ...endpoints(spec),
    [
      spec.budget === "custom" && !["limits.cpu", "limits.memory", "pods"].every((key) => key in spec.quota),
      "spec.quota",
      "a custom budget must bound limits.cpu, limits.memory and pods",
    ],
    [
      spec.pool !== undefined && spec.pool.minReady > spec.pool.size,
      "spec.pool.minReady",
      "minReady must not exceed size",
    ],
  ];
  return broken.filter(([is]) => is).map(([, path, message]) => errorAt("schema", path, message));
}

function lifetime({ lifetime: { duration, max, startDeadline, idle } }: SessionTemplateSpec): readonly Broken[] {
  const maxMs = parseDurationMs(max);
  return [
    [parseDurationMs(duration) > maxMs, "spec.lifetime.duration", "duration must not exceed max"],
    [parseDurationMs(startDeadline) > maxMs, "spec.lifetime.startDeadline", "startDeadline must not exceed max"],
    [idle !== undefined && parseDurationMs(idle) < 60_000, "spec.lifetime.idle", "idle must be at least 60s"],
  ];
}

function accessRules(rules: readonly AccessRule[], path: string): readonly Broken[] {
  return rules.flatMap(({ apiGroups, resources, verbs }, index): Broken[] => [
    [
      [apiGroups, resources, verbs].some((list) => list.includes("*")),
      `${path}[${index}]`,
      "* is not allowed: name what the lesson needs",
    ],
    [
      verbs.some((verb) => ["escalate", "bind", "impersonate"].includes(verb)),
      `${path}[${index}]`,
      "escalate, bind and impersonate are never given to a learner",
    ],
  ]);
}

function endpoints(spec: SessionTemplateSpec): readonly Broken[] {
  const each = spec.endpoints.flatMap(({ name, tls, protocol, access, headers }, index): Broken[] => {
    const path = `spec.endpoints[${index}]`;
    const secret = headers.some((header) => header.secret !== undefined || header.serviceAccountToken !== undefined);
    return [
      [name.includes("--"), path, "must not contain --: it separates the endpoint from the session in the host name"],
      [tls !== undefined && protocol !== "https", path, "tls goes with protocol https"],
      [access !== "owner" && secret, path, "headers from a secret or a token are for owner endpoints only"],
      ...headers.map((header, at): Broken => {
        const given = [header.value, header.secret, header.serviceAccountToken].filter((value) => value !== undefined);
        const message = "give exactly one of value, secret and serviceAccountToken";
        return [given.length !== 1, `${path}.headers[${at}]`, message];
      }),
    ];
  });
  const main = spec.endpoints.some(({ name }) => name === "main");
  return [...each, [!main, "spec.endpoints", "one endpoint must be called main"]];
}
