/** Something a {@link Manager} runs: a controller, a sweep, a server. */
export interface Runnable {
  /** Unique in the manager. */
  readonly name: string;
  /** Runs until the signal aborts, then resolves when it has finished. A rejection, or an early end, stops the process. */
  run(signal: AbortSignal): Promise<void>;
  /** False when it hangs; default true. */
  isAlive?(): boolean;
}
