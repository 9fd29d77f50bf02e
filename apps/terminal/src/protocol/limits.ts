/** The client acknowledges each time it has shown this many more output bytes (see {@link isAcknowledgement}). */
export const ACK_UNIT_BYTES = 64 * 1024;

/**
 * Output that may be on its way to one viewer without being acknowledged. The shell is paused above it, so this is
 * also the most that a slow socket makes the server hold.
 */
export const OUTPUT_WINDOW_BYTES = 1024 * 1024;

/** The largest WebSocket message that the server takes. Longer pastes are cut into several messages by the page. */
export const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;

/** Input that may wait for a shell which does not read; above it the server stops reading from that socket. */
export const MAX_PENDING_INPUT_BYTES = 256 * 1024;

/** The most terminals that one server may be configured to run. */
export const MAX_TERMINALS = 64;
