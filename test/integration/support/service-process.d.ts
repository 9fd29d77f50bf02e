/** A service of Carrel as a child process. */
export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  /** kill -9, then the same again. */
  crash(): Promise<void>;
  /** Everything it has written. */
  log(): string;
}
/** Starts `services/NAME` and waits until it is ready. Ends with the test, also after a failure. */
export declare function startService(name: string, env: Readonly<Record<string, string>>): Promise<ServiceProcess>;
