import { z } from "zod";

/** A name that template variables use: `parameters.NAME`, `generated.NAME`, `outputs.OBJECT.FIELD`. */
export const variableName = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9]{0,62}$/)
  .max(63);

/** A value that the requester may or must give; reached in the template as `$(parameters.NAME)`. */
export const parameterSchema = z
  .object({
    name: variableName,
    title: z.string().max(128).optional(),
    description: z.string().max(1024).optional(),
    type: z.enum(["string", "int", "bool"]).default("string"),
    required: z.boolean().default(false),
    /** Used when the request gives none; written as a string whatever the type. */
    default: z.string().max(4096).optional(),
    /** Longest string, in characters. */
    maxLength: z.int().min(1).max(4096).default(256),
    /** Least and greatest value of an `int`. */
    minimum: z.int().optional(),
    maximum: z.int().optional(),
    /** Go RE2 / ECMAScript common subset; the whole value must match. */
    pattern: z.string().max(256).optional(),
    enum: z.array(z.string().max(256)).max(64).optional(),
    /**
     * Never stored in Session, Workspace or logs: kept in a Secret of Carrel's namespace until it is written into the
     * Secret objects of the template that name it, which alone may use it.
     */
    secret: z.boolean().default(false),
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "!(self.required && has(self.default))", message: "a required parameter has no default" },
      { rule: "!(self.secret && has(self.default))", message: "a secret parameter has no default" },
    ],
  });
export type Parameter = z.infer<typeof parameterSchema>;
