/** WebSocket close codes that this server sends itself. Those that Carrel's proxy sends are `PROXY_CLOSE`. */
export const CLOSE = {
  /** The shell has exited; a message of type `exited` came before. */
  normal: 1000,
  /** The server stops; its shells end with it. */
  restart: 1012,
  /** This viewer held up others for too long, or stopped answering. */
  tooSlow: 1013,
  /** A text message that is no message of this protocol. */
  badMessage: 1008,
  /** No more terminals may be opened. */
  terminalLimit: 4100,
  /** The shell could not be started. */
  shellFailed: 4101,
} as const;

/** Close codes of Carrel's proxy that the page tells apart. */
export const PROXY_CLOSE = {
  /** Sign-in revoked. */
  revoked: 4001,
  /** The session has ended; the close reason says why. */
  ended: 4002,
  /** This viewer no longer has access. */
  forbidden: 4003,
  /** The sign-in was not renewed in time. */
  renew: 4008,
} as const;
