import { z } from "zod";
import { duration } from "./duration.ts";
import { variableName } from "./parameter.ts";

const fieldPath = z
  .string()
  .regex(/^[A-Za-z_][\w-]*(\[\d+\])?(\.[A-Za-z_][\w/-]*(\[\d+\])?)*$/)
  .max(256);

/** When an object counts as there: a condition that is True, or a field with a value (or any value). */
export const waitForSchema = z
  .object({
    condition: z.string().max(316).optional(),
    path: fieldPath.optional(),
    /** What the field at `path` must read as text; absent: anything but absent, null and "". */
    value: z.string().max(256).optional(),
    timeout: duration.default("2m"),
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "has(self.condition) != has(self.path)", message: "give either condition or path" },
      { rule: "!has(self.value) || has(self.path)", message: "value goes with path" },
    ],
  });

/**
 * An object of any kind that the session brings along. Created once, all in parallel but for `after`, and never over what
 * has the name already; when its variables are known only at claim, it is created at claim.
 */
export const templateObjectSchema = z.object({
  name: variableName,
  /** Applied only when this renders to `true`, e.g. `$(parameters.withDatabase)`. */
  when: z.string().max(256).optional(),
  /** Objects whose `waitFor` must hold first. */
  after: z.array(variableName).max(16).default([]),
  /**
   * The manifest. A namespaced one without `metadata.namespace` goes into the primary namespace; one of another
   * namespace names it as `$(namespaces.NAME)`. A cluster-scoped one has `$(workspace.name)` in its name.
   */
  template: z
    .looseObject({
      apiVersion: z.string().min(1).max(317),
      kind: z.string().min(1).max(63),
      metadata: z.looseObject({}).meta({ "x-kubernetes-preserve-unknown-fields": true }),
    })
    .meta({ "x-kubernetes-preserve-unknown-fields": true }),
  waitFor: waitForSchema.optional(),
  /** Fields of the applied object that others may use as `$(outputs.OBJECT.FIELD)`; waits until each is there. */
  outputs: z.record(z.string().max(63), fieldPath).meta({ maxProperties: 16 }).default({}),
  /**
   * Its finalizer needs a living namespace (a virtual machine, a claim on something outside): at the end it is deleted
   * first and waited for, at most this long.
   */
  finalizedExternally: z.object({ timeout: duration.default("60s") }).optional(),
});
/** {@link templateObjectSchema}; the manifest is any JSON object with these fields. */
export type TemplateObject = Omit<z.infer<typeof templateObjectSchema>, "template"> & {
  readonly template: Readonly<Record<string, unknown>> & {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
};
