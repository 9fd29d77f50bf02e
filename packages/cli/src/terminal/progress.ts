import { environment } from "../environment.ts";

/** Where a step may say what it is doing at the moment. */
export type Tell = (detail: string) => void;

/** Shows long steps to a person: one line a step, with its time; no wall of logs. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #live: boolean;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
    this.#live = out.isTTY && !environment.isCi();
  }

  /** Runs a step; on a terminal its line shows the seconds and the latest detail, elsewhere details get lines of their own. */
  async step<T>(title: string, run: (tell: Tell) => Promise<T>): Promise<T> {
    const started = performance.now();
    const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    let detail = "";
    const paint = (): void => this.#repaint(`… ${title}  ${seconds()}${detail === "" ? "" : `  ${detail}`}`);
    if (!this.#live) this.#out.write(`… ${title}\n`);
    const timer = this.#live ? setInterval(paint, 200) : undefined;
    try {
      const result = await run((line) => {
        detail = line;
        if (!this.#live) this.#out.write(`    ${seconds()}  ${line}\n`);
      });
      this.#finish(`✓ ${title}  ${seconds()}`);
      return result;
    } catch (error) {
      this.#finish(`✗ ${title}  ${seconds()}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  #repaint(line: string): void {
    this.#out.write(`\r\u001B[K${line.slice(0, Math.max(20, this.#out.columns - 1))}`);
  }

  #finish(line: string): void {
    if (this.#live) this.#repaint(line);
    this.#out.write(this.#live ? "\n" : `${line}\n`);
  }
}
