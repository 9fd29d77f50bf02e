import type { RequestHead } from "../request/request-head.ts";
import { forwardedFor } from "../upstream/pod-headers.ts";
import type { Peer } from "./attempt.ts";

/** Who a request comes from: the peer of the connection, or what the trusted hops in front of us say. */
export function peerOf(head: RequestHead, remoteAddress: string | undefined, trustedHops: number): Peer {
  // An IPv4 peer of a dual-stack socket.
  const peer = (remoteAddress ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");
  const chain = forwardedFor(peer, head.forwardedFor, trustedHops);
  return { address: chain.split(",", 1)[0] ?? peer, forwardedFor: chain };
}
