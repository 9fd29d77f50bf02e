import { runTool } from "./run-tool.ts";

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly phase?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
      readonly containerStatuses?: readonly {
        readonly ready: boolean;
        readonly state: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      }[];
    };
  }[];
}

/** What keeps the pods of a namespace from being ready: a line for each, and the last lines of its log. Never throws. */
export async function explainPods(kubectl: string, kubeconfig: string, namespace: string): Promise<string> {
  const base = ["--kubeconfig", kubeconfig, "--namespace", namespace];
  try {
    const { items } = JSON.parse(await runTool(kubectl, [...base, "get", "pods", "--output", "json"])) as PodList;
    const lines: string[] = [];
    for (const { metadata, status } of items) {
      if (status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true) continue;
      const waiting = status.containerStatuses?.find(({ ready }) => !ready)?.state.waiting;
      const unscheduled = status.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
      lines.push(
        `pod ${metadata.name}: ${status.phase ?? "Pending"} ${waiting?.reason ?? ""} ${unscheduled?.message ?? ""}`.trimEnd(),
      );
      const log = await runTool(kubectl, [...base, "logs", metadata.name, "--tail=3"]).catch(() => "");
      lines.push(
        ...log
          .trimEnd()
          .split("\n")
          .filter(Boolean)
          .map((line) => `    ${line.slice(0, 300)}`),
      );
    }
    return lines.length === 0
      ? ""
      : `\nnot ready in namespace ${namespace}:\n${lines.join("\n")}\nmore: kubectl --kubeconfig ${kubeconfig} --namespace ${namespace} describe pods`;
  } catch {
    return "";
  }
}
