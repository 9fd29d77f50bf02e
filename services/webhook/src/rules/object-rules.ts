import { finalizers } from "./finalizers.ts";
import { nodeName } from "./node-name.ts";
import { podAffinity } from "./pod-affinity.ts";
import { podSecurity } from "./pod-security.ts";
import { priorityClass } from "./priority-class.ts";
import { projectedToken } from "./projected-token.ts";
import type { ObjectRule } from "./rule.ts";
import { runtimeClass } from "./runtime-class.ts";
import { schedulerName } from "./scheduler-name.ts";
import { secret } from "./secret.ts";
import { serviceAccountName } from "./service-account-name.ts";
import { service } from "./service.ts";
import { templateKeys } from "./template-keys.ts";
import { tolerations } from "./tolerations.ts";
import { volumeClaim } from "./volume-claim.ts";

/** What objects may say, in the order of the messages. All findings are reported together. */
export const OBJECT_RULES: readonly ObjectRule[] = [
  podSecurity,
  nodeName,
  tolerations,
  priorityClass,
  runtimeClass,
  schedulerName,
  serviceAccountName,
  projectedToken,
  podAffinity,
  templateKeys,
  service,
  secret,
  volumeClaim,
  finalizers,
];
