import { z } from "zod";
import { variableName } from "./parameter.ts";

/**
 * A secret value that Carrel makes once per workspace with a cryptographic random source and keeps in the Secret
 * `generated` of the primary namespace. In the template: `$(generated.NAME)`; of an `sshKey`
 * `$(generated.NAME.private)` (OpenSSH) and `$(generated.NAME.public)` (one authorized_keys line).
 */
export const generateSchema = z
  .object({
    name: variableName,
    type: z.enum(["password", "hex", "pattern", "sshKey"]),
    /** Characters of a `password` or `hex`. */
    length: z.int().min(8).max(256).default(24),
    /** Characters that a `password` is drawn from; default letters and digits that do not look alike. */
    alphabet: z.string().min(8).max(128).optional(),
    /** Of a `pattern`: literals, classes such as `[A-Z0-9]`, and `{n}`; at most 256 characters come out. */
    pattern: z.string().max(128).optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "self.type != 'pattern' || has(self.pattern)", message: "type pattern needs a pattern" },
      { rule: "self.type == 'pattern' || !has(self.pattern)", message: "pattern goes with type pattern only" },
      { rule: "self.type == 'password' || !has(self.alphabet)", message: "alphabet goes with type password only" },
    ],
  });
export type Generate = z.infer<typeof generateSchema>;
