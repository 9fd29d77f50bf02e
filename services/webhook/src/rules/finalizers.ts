import { listAt } from "../review/json-object.ts";
import type { Finding, ObjectRule } from "./rule.ts";

/** What Kubernetes itself puts on learners' objects, and takes off again. */
const ALLOWED: readonly string[] = [
  "foregroundDeletion",
  "orphan",
  "kubernetes.io/pvc-protection",
  "batch.kubernetes.io/job-tracking",
];

/** No finalizer that nobody removes: it would keep the namespace from going. */
export const finalizers: ObjectRule = {
  id: "finalizers",
  actors: ["learner"],
  check(object): readonly Finding[] {
    return listAt(object, "metadata", "finalizers").flatMap((finalizer, index) => {
      const name = String(finalizer);
      if (ALLOWED.includes(name)) return [];
      return [
        {
          path: `metadata.finalizers[${index}]`,
          subject: name,
          message: `must not be ${name}; allowed are ${ALLOWED.join(", ")}`,
        },
      ];
    });
  },
};
