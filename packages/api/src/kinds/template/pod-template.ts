import { z } from "zod";

/** The workspace pod as the template author writes it: any field of a PodSpec, several containers. */
export const podTemplateSchema = z.object({
  metadata: z
    .object({
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  spec: z
    .looseObject({
      containers: z
        .array(
          z
            .looseObject({ name: z.string().max(63), image: z.string().min(1).max(1024) })
            .meta({ "x-kubernetes-preserve-unknown-fields": true }),
        )
        .min(1)
        .max(16),
    })
    .meta({ "x-kubernetes-preserve-unknown-fields": true }),
});

/** {@link podTemplateSchema}, with the fields that the schema does not name. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly containers: readonly (Readonly<Record<string, unknown>> & {
      readonly name: string;
      readonly image: string;
    })[];
  };
}
