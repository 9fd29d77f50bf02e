import { type KubeObject, resource } from "../resource.ts";
import type { ResourceList } from "./pod.ts";

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec: {
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: ResourceList; readonly limits?: ResourceList };
    readonly storageClassName?: string | null;
    readonly volumeName?: string;
  };
  readonly status?: { readonly phase?: "Pending" | "Bound" | "Lost" };
}

export const PERSISTENT_VOLUME_CLAIMS = resource<PersistentVolumeClaim>(
  "v1",
  "PersistentVolumeClaim",
  "persistentvolumeclaims",
);
