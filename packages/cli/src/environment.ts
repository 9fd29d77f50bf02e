/** What the command line takes from its environment; the one place that reads it. */
export const environment = {
  /** The user's own cluster, when KUBECONFIG names one. */
  kubeconfig(): string | undefined {
    const path = process.env["KUBECONFIG"];
    return path === undefined || path === "" ? undefined : path;
  },
  /** True where nobody watches a line being repainted. */
  isCi(): boolean {
    return process.env["CI"] !== undefined;
  },
  /** The environment of a program that is started, with additions. */
  forChild(additions: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return { ...process.env, ...additions };
  },
} as const;
