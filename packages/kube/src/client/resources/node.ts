import { type KubeObject, resource } from "../resource.ts";
import type { ResourceList } from "./pod.ts";

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly object[] };
  readonly status?: {
    readonly capacity?: ResourceList;
    readonly allocatable?: ResourceList;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export const NODES = resource<Node>("v1", "Node", "nodes", false);
