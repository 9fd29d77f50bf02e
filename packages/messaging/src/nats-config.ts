import { z } from "zod";
import type { MessagingCredentials } from "./credentials.ts";
import type { MessagingTls } from "./connect-messaging.ts";

/** The keys with which a process says how it reaches NATS; meant as `nats` in its configuration. */
export const natsConfigSchema = z
  .object({
    servers: z
      .array(z.string().regex(/^(nats|tls):\/\/[^\s/@]+$/))
      .min(1)
      .default(["nats://127.0.0.1:4222"])
      .describe("Servers, nats://HOST:PORT; several are tried in random order. No user or password here."),
    user: z.string().min(1).optional().describe("User name, together with passwordFile."),
    passwordFile: z.string().min(1).optional().describe("File with the password of user."),
    nkeyFile: z.string().min(1).optional().describe("File with an NKey seed, instead of user."),
    credsFile: z.string().min(1).optional().describe("File with a user JWT and its seed, instead of user."),
    caFile: z.string().min(1).optional().describe("Certificate authority of the servers; without it the system's."),
    certFile: z.string().min(1).optional().describe("Client certificate for mutual TLS."),
    keyFile: z.string().min(1).optional().describe("Private key of certFile."),
  })
  .refine((nats) => [nats.user, nats.nkeyFile, nats.credsFile].filter((one) => one !== undefined).length <= 1, {
    error: "give one of user, nkeyFile and credsFile",
  })
  .refine((nats) => (nats.user === undefined) === (nats.passwordFile === undefined), {
    error: "user and passwordFile belong together",
  })
  .refine((nats) => (nats.certFile === undefined) === (nats.keyFile === undefined), {
    error: "certFile and keyFile belong together",
  })
  .prefault({});
export type NatsConfig = z.output<typeof natsConfigSchema>;

/** What `connectMessaging` takes of a configuration. */
export interface NatsConnectionSettings {
  readonly servers: readonly string[];
  readonly credentials?: MessagingCredentials;
  readonly tls?: MessagingTls;
}

/** The settings for `connectMessaging`: `connectMessaging({ ...natsSettings(config.nats), name, signal, logger })`. */
export function natsSettings(config: NatsConfig): NatsConnectionSettings {
  const { caFile, certFile, keyFile } = config;
  const credentials = credentialsOf(config);
  const tls = {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined || keyFile === undefined ? {} : { certFile, keyFile }),
  };
  return {
    servers: config.servers,
    ...(credentials === undefined ? {} : { credentials }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function credentialsOf({ user, passwordFile, nkeyFile, credsFile }: NatsConfig): MessagingCredentials | undefined {
  if (user !== undefined && passwordFile !== undefined) return { user, passwordFile };
  if (nkeyFile !== undefined) return { nkeyFile };
  if (credsFile !== undefined) return { credsFile };
  return undefined;
}
