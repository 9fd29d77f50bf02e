import { serviceOf } from "./attribute-call.ts";
import type { ApiCall } from "./audit-event.ts";

/** Calls by service and by what they do, e.g. `{ total: 1, byService: { provisioner: { "create pods": 1 } } }`. */
export interface CallCount {
  readonly total: number;
  /** A call that was refused has the status after it: `create pods 409`. */
  readonly byService: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Counts calls of Carrel's services. */
export function countCalls(calls: readonly ApiCall[]): CallCount {
  const byService: Record<string, Record<string, number>> = {};
  let total = 0;
  for (const call of calls) {
    const service = serviceOf(call);
    if (service === undefined) continue;
    const kind = `${call.verb} ${call.resource}${call.code < 300 ? "" : ` ${call.code}`}`;
    const kinds = (byService[service] ??= {});
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    total++;
  }
  return { total, byService };
}
