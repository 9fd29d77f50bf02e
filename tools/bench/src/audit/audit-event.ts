/** A line of the API server's audit log (audit.k8s.io/v1 Event, level Metadata), as far as it is read here. */
export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    /** Also on CREATE, from the object; absent for collections and discovery. */
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
  /** RFC 3339 with microseconds. */
  readonly requestReceivedTimestamp: string;
  /** When the answer was complete. */
  readonly stageTimestamp: string;
}

/** A call to the API server with its times, in milliseconds since the Unix epoch, exact to the microsecond. */
export interface ApiCall {
  /** `system:serviceaccount:NAMESPACE:NAME`, `system:node:NAME`, … */
  readonly user: string;
  readonly verb: string;
  /** `pods`, `sessions/status`; empty for what is no resource. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** HTTP status of the answer; 0 when the log has none. */
  readonly code: number;
  readonly receivedMs: number;
  readonly completedMs: number;
}

/** The call that an audit event is about. */
export function toApiCall({ objectRef, ...event }: AuditEvent): ApiCall {
  const { resource = "", subresource } = objectRef ?? {};
  return {
    user: event.user.username,
    verb: event.verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace: objectRef?.namespace ?? "",
    name: objectRef?.name ?? "",
    code: event.responseStatus?.code ?? 0,
    receivedMs: instantMs(event.requestReceivedTimestamp),
    completedMs: instantMs(event.stageTimestamp),
  };
}

/** `Date.parse` drops what is finer than a millisecond, and most calls are shorter than two. */
function instantMs(timestamp: string): number {
  const micros = /\.\d{3}(\d{3})Z$/.exec(timestamp)?.[1] ?? "0";
  return Date.parse(timestamp) + Number(micros) / 1000;
}
