import { copiedMetadata } from "./copied-metadata.ts";
import { reservedKeys } from "./managed.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/** Templates carry no key of Carrel's either: a controller would make objects with it, and those would pass for ours. */
export const templateKeys: ObjectRule = {
  id: "template-keys",
  actors: ["learner", "author"],
  check(object, { request }): readonly Finding[] {
    return copiedMetadata(object, request.kind.group, request.kind.kind)
      .flatMap(([metadata, path]) => reservedKeys(metadata, path))
      .map(({ key, path }) => ({ path, message: `must not be set; ${key} belongs to Carrel` }));
  },
};
