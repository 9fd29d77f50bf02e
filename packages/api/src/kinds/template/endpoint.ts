import { z } from "zod";

const label = z
  .string()
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
  .max(63);

/** Who may use an endpoint: the session's user, every user of the tenant, or anybody with the URL. */
export const ACCESS_LEVELS = ["owner", "tenant", "public"] as const;

const header = z
  .object({
    name: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/)
      .max(64),
    value: z.string().max(4096).optional(),
    /** A key of a Secret in the primary namespace; `owner` endpoints only. */
    secret: z.object({ name: z.string().max(253), key: z.string().max(253) }).optional(),
    /** A short-lived token of the learner's account, as `Bearer …`; `owner` endpoints only. */
    serviceAccountToken: z.boolean().optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "(has(self.value) ? 1 : 0) + (has(self.secret) ? 1 : 0) + (has(self.serviceAccountToken) ? 1 : 0) == 1",
        message: "give exactly one of value, secret and serviceAccountToken",
      },
    ],
  });

/** Something in the session that browsers may reach. */
export const endpointSchema = z
  .object({
    /** The host is `NAME--SESSION.DOMAIN`; the endpoint `main` has `SESSION.DOMAIN` itself. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      .min(3)
      .max(40),
    title: z.string().max(128).optional(),
    /** Requests below this path; the longest match wins. Several endpoints of one name differ in it. */
    path: z
      .string()
      .regex(/^\/[\w\-./~]*$/)
      .max(256)
      .default("/"),
    /** What `path` is replaced with before the request is passed on; absent: it stays. */
    rewrite: z
      .string()
      .regex(/^\/[\w\-./~]*$/)
      .max(256)
      .optional(),
    /** How the proxy speaks to it. */
    protocol: z.enum(["http", "https"]).default("http"),
    /** TCP port of the workspace pod or, with `service`, of the Service. */
    port: z.int().min(1).max(65535),
    /** A Service of the session instead of the workspace pod; `namespace` is a short name, absent the primary one. */
    service: z.object({ name: label, namespace: label.optional() }).optional(),
    /** Of `https`: whether the certificate is checked, and against which key of which Secret of the session. */
    tls: z
      .object({
        verify: z.boolean().default(true),
        ca: z.object({ secret: z.string().max(253), key: z.string().max(253).default("ca.crt") }).optional(),
      })
      .optional(),
    /** Host header that the target sees: its own, or the browser's. */
    host: z.enum(["browser", "target"]).default("browser"),
    headers: z.array(header).max(16).default([]),
    access: z.enum(ACCESS_LEVELS).default("owner"),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!self.name.contains('--')",
        message: "must not contain --: it separates the endpoint from the session in the host name",
      },
      { rule: "!has(self.tls) || self.protocol == 'https'", message: "tls goes with protocol https" },
      {
        rule: "self.access == 'owner' || !self.headers.exists(h, has(h.secret) || has(h.serviceAccountToken))",
        message: "headers from a secret or a token are for owner endpoints only",
      },
    ],
  });
export type Endpoint = z.infer<typeof endpointSchema>;
