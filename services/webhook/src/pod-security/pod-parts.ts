/** A JSON field that may be absent or null; Go reads both as "not set". */
type Maybe<T> = T | null | undefined;

export interface ProfileType {
  readonly type?: Maybe<string>;
}

export interface SeLinuxOptions {
  readonly type?: Maybe<string>;
  readonly user?: Maybe<string>;
  readonly role?: Maybe<string>;
}

/** The fields that pods and containers have in common under `securityContext`. */
interface CommonSecurityContext {
  readonly appArmorProfile?: Maybe<ProfileType>;
  readonly runAsNonRoot?: Maybe<boolean>;
  readonly runAsUser?: Maybe<number>;
  readonly seLinuxOptions?: Maybe<SeLinuxOptions>;
  readonly seccompProfile?: Maybe<ProfileType>;
  readonly windowsOptions?: Maybe<{ readonly hostProcess?: Maybe<boolean> }>;
}

export interface PodSecurityContext extends CommonSecurityContext {
  readonly sysctls?: Maybe<readonly { readonly name?: Maybe<string> }[]>;
}

export interface ContainerSecurityContext extends CommonSecurityContext {
  readonly allowPrivilegeEscalation?: Maybe<boolean>;
  readonly capabilities?: Maybe<{ readonly add?: Maybe<readonly string[]>; readonly drop?: Maybe<readonly string[]> }>;
  readonly privileged?: Maybe<boolean>;
  readonly procMount?: Maybe<string>;
}

interface HostTarget {
  readonly host?: Maybe<string>;
}

/** A probe or a lifecycle handler: what may name another host. */
export interface Handler {
  readonly httpGet?: Maybe<HostTarget>;
  readonly tcpSocket?: Maybe<HostTarget>;
}

export interface Container {
  readonly name?: Maybe<string>;
  readonly ports?: Maybe<readonly { readonly hostPort?: Maybe<number> }[]>;
  readonly securityContext?: Maybe<ContainerSecurityContext>;
  readonly livenessProbe?: Maybe<Handler>;
  readonly readinessProbe?: Maybe<Handler>;
  readonly startupProbe?: Maybe<Handler>;
  readonly lifecycle?: Maybe<{ readonly postStart?: Maybe<Handler>; readonly preStop?: Maybe<Handler> }>;
}

/** A volume: its name and one key per source. */
export type Volume = Readonly<Record<string, unknown>> & { readonly name?: Maybe<string> };

/** What the Pod Security Standards look at in a PodSpec. */
export interface PodSpec {
  readonly containers?: Maybe<readonly Container[]>;
  readonly initContainers?: Maybe<readonly Container[]>;
  readonly ephemeralContainers?: Maybe<readonly Container[]>;
  readonly volumes?: Maybe<readonly Volume[]>;
  readonly securityContext?: Maybe<PodSecurityContext>;
  readonly hostNetwork?: Maybe<boolean>;
  readonly hostPID?: Maybe<boolean>;
  readonly hostIPC?: Maybe<boolean>;
  readonly hostUsers?: Maybe<boolean>;
  readonly os?: Maybe<{ readonly name?: Maybe<string> }>;
}

/** A pod, or the template of one. */
export interface PodParts {
  readonly metadata?: Maybe<{ readonly annotations?: Maybe<Readonly<Record<string, string>>> }>;
  readonly spec: PodSpec;
}
