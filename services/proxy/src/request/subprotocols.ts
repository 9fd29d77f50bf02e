/** Prefix of the WebSocket subprotocol that carries a session token: `carrel.bearer.<jwt>`. */
export const BEARER_SUBPROTOCOL = "carrel.bearer.";

/** A Sec-WebSocket-Protocol header taken apart. */
export interface SplitSubprotocols {
  /** The first token that was carried. */
  readonly token?: string;
  /** The subprotocols that the pod is offered; empty when there are none. */
  readonly others: readonly string[];
}

/** Takes our subprotocols out of the ones that a client offers. */
export function splitSubprotocols(header: string): SplitSubprotocols {
  const items = header
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  const token = items.find((item) => item.startsWith(BEARER_SUBPROTOCOL))?.slice(BEARER_SUBPROTOCOL.length);
  return {
    ...(token === undefined ? {} : { token }),
    others: items.filter((item) => !item.startsWith(BEARER_SUBPROTOCOL)),
  };
}
