import { z } from "zod";
import { WORKSPACE_PHASES } from "../phases.ts";
import { END_REASONS, type EndReason } from "../reasons.ts";
import { conditionSchema, instant, type ObjectMeta } from "./object-meta.ts";
import { sessionTemplateSpecSchema, type SessionTemplateSpec } from "./session-template.ts";

/** The materialised environment: namespace, RBAC, quota, policy, pod. Claimed by at most one Session, never reused. */
export const workspaceSpecSchema = z
  .object({
    template: z.object({
      name: z.string().max(63),
      uid: z.string().max(64),
      generation: z.int().min(0),
      /** The template as it was: a later change of it never touches a running workspace. */
      spec: z.looseObject({}).meta({ "x-kubernetes-preserve-unknown-fields": true }),
    }),
    tenant: z.string().max(63).optional(),
    /** The Session that holds it. */
    session: z.object({ name: z.string().max(63), uid: z.string().max(64) }).optional(),
    /** Values of the template variables known so far: a spare gets those of its session at claim. Never secrets. */
    variables: z.record(z.string(), z.string().max(4096)).default({}).meta({ maxProperties: 192 }),
    /** When a session took it; for one that was made for its session, when it was made. */
    claimedAt: instant.optional(),
    /** Asked for by the reaper: tear down. Final once set. */
    terminate: z
      .object({ reason: z.enum(Object.keys(END_REASONS) as [EndReason, ...EndReason[]]), at: instant })
      .optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "self.template == oldSelf.template", message: "template is immutable" },
      {
        rule: "!has(oldSelf.session) || (has(self.session) && self.session == oldSelf.session)",
        message: "a claimed workspace is never given to another session",
      },
      {
        rule: "!has(oldSelf.session) || self.variables == oldSelf.variables",
        message: "the variables of a claimed workspace are immutable",
      },
      { rule: "!has(oldSelf.terminate) || has(self.terminate)", message: "terminate is final once set" },
    ],
  });
export type WorkspaceSpec = Omit<z.infer<typeof workspaceSpecSchema>, "template"> & {
  readonly template: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly spec: SessionTemplateSpec;
  };
};

/** Parses the stored template and fills in the defaults. */
export function templateOf(spec: WorkspaceSpec): SessionTemplateSpec {
  return sessionTemplateSpecSchema.loose().parse(spec.template.spec) as unknown as SessionTemplateSpec;
}

export const workspaceStatusSchema = z.object({
  phase: z.enum(WORKSPACE_PHASES).optional(),
  observedGeneration: z.int().min(0).optional(),
  conditions: z
    .array(conditionSchema)
    .max(8)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .readonly()
    .optional(),
  /** Every namespace ever created for it, with its UID: what teardown must see gone. */
  namespaces: z
    .array(z.object({ name: z.string().max(63), uid: z.string().max(64) }))
    .max(16)
    .optional(),
  /** What became of the template's `objects`, by their names. */
  objects: z
    .array(
      z.object({
        name: z.string().max(63),
        apiVersion: z.string().max(317),
        kind: z.string().max(63),
        namespace: z.string().max(63).optional(),
        object: z.string().max(253),
        uid: z.string().max(64).optional(),
        state: z.enum(["Skipped", "Waiting", "Ready", "Failed"]),
        message: z.string().max(1024).optional(),
      }),
    )
    .max(64)
    .optional(),
  /** Values of `$(outputs.OBJECT.FIELD)`, by `OBJECT.FIELD`. */
  outputs: z.record(z.string(), z.string().max(4096)).meta({ maxProperties: 256 }).optional(),
  pod: z.object({ namespace: z.string().max(63), name: z.string().max(63), uid: z.string().max(64) }).optional(),
  readyAt: instant.optional(),
});
export type WorkspaceStatus = z.infer<typeof workspaceStatusSchema>;

export interface Workspace {
  readonly apiVersion: string;
  readonly kind: "Workspace";
  readonly metadata: ObjectMeta;
  readonly spec: WorkspaceSpec;
  readonly status?: WorkspaceStatus;
}
