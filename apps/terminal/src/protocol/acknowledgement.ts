/** What the client sends once it has shown another `ACK_UNIT_BYTES` of output: an empty binary message. */
export const ACKNOWLEDGEMENT: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/**
 * True for an acknowledgement. It is empty on purpose: Carrel's proxy does not count empty frames as activity, so a
 * terminal that prints on its own does not keep an abandoned session alive.
 */
export function isAcknowledgement(bytes: Uint8Array): boolean {
  return bytes.byteLength === 0;
}
