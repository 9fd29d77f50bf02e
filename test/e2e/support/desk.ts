import { kubectl, type CommandResult } from "./kubectl.ts";

/** The shell of a session's desk, without a browser: what runs there has the learner's account and network. */
export class Desk {
  readonly #kubeconfig: string;
  readonly #namespace: string;

  constructor(kubeconfig: string, namespace: string) {
    this.#kubeconfig = kubeconfig;
    this.#namespace = namespace;
  }

  /** Runs a line of shell; `input` goes to its standard input. A line that fails is a result, not an error. */
  run(line: string, input = ""): Promise<CommandResult> {
    return kubectl(this.#kubeconfig, ["exec", "-i", "-n", this.#namespace, "desk", "--", "sh", "-c", line], input);
  }
}
