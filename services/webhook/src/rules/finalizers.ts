import { at, listAt } from "../review/json-object.ts";
import { copiedMetadata } from "./copied-metadata.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/** What Kubernetes itself puts on learners' objects, and takes off again. */
const ALLOWED: readonly string[] = [
  "foregroundDeletion",
  "orphan",
  "kubernetes.io/pvc-protection",
  "batch.kubernetes.io/job-tracking",
];

/**
 * No finalizer that nobody removes: it would keep the namespace from going. Templates count too: a controller copies
 * them into the pods and claims that it makes.
 */
export const finalizers: ObjectRule = {
  id: "finalizers",
  actors: ["learner", "author"],
  check(object, { request }): readonly Finding[] {
    const own = [at(object, "metadata"), "metadata"] as const;
    return [own, ...copiedMetadata(object, request.kind.group, request.kind.kind)].flatMap(([metadata, path]) =>
      listAt(metadata, "finalizers").flatMap((finalizer, index) => {
        const name = String(finalizer);
        if (ALLOWED.includes(name)) return [];
        return [
          {
            path: `${path}.finalizers[${index}]`,
            subject: name,
            message: `must not be ${name}; allowed are ${ALLOWED.join(", ")}`,
          },
        ];
      }),
    );
  },
};
