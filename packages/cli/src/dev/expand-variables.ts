import type { EnvVar } from "@carrel/kube";

/**
 * The variables of a container as the kubelet makes them: `$(NAME)` is what was set before, `$$(NAME)` is literal, what
 * is unknown stays (Container v1, `env[].value`). Variables that come from elsewhere (`valueFrom`) are left out. Pure.
 *
 * @param known what the kubelet sets itself, e.g. `KUBERNETES_SERVICE_HOST`
 */
export function expandVariables(
  container: readonly EnvVar[],
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const expanded: Record<string, string> = {};
  for (const { name, value } of container) {
    if (value === undefined) continue;
    expanded[name] = value.replace(/\$\$|\$\(([^)]*)\)/g, (text, reference: string | undefined) =>
      reference === undefined ? "$" : (expanded[reference] ?? known[reference] ?? text),
    );
  }
  return expanded;
}
