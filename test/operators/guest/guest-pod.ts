import { createHash } from "node:crypto";
import type { OwnerReference } from "@carrel/api";
import type { Pod, PodSpec, ResourceList } from "@carrel/kube";

/** A virtual machine as its launcher pod is told of it. */
export interface Guest {
  /** Its host name. */
  readonly name: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** TCP ports of the pod that lead to the guest's of the same number; the first is probed. */
  readonly ports: readonly number[];
  /** SSH keys, one line each, and Secrets of the pod's namespace whose every value is such lines. */
  readonly keys: readonly string[];
  readonly keySecrets: readonly string[];
  /** cloud-init's user data, or the Secret of the pod's namespace that has it, and its key there. */
  readonly userData: { readonly text: string } | { readonly secret: string; readonly key: string } | undefined;
  /** How long it may take to go down, in seconds. */
  readonly graceSeconds: number;
}

/** Where its pod goes. */
export interface GuestPlace {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner?: OwnerReference;
}

/** What its pod is made of. */
export interface GuestMeans {
  readonly image: string;
  readonly requests: ResourceList;
  readonly limits?: ResourceList | undefined;
}

/** The launcher pod of a guest: QEMU in one container, as Pod Security's `restricted` has it. Ready once the guest answers. */
export function guestPod(guest: Guest, place: GuestPlace, { image, requests, limits }: GuestMeans): Pod {
  const { name, namespace, labels, owner } = place;
  const ports = guest.ports.map((containerPort) => ({ containerPort }));
  const seeds = seedVolumes(guest);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: guest.graceSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 107,
        runAsGroup: 107,
        fsGroup: 107,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "compute",
          image,
          imagePullPolicy: "IfNotPresent",
          env: environmentOf(guest),
          ports,
          resources: { requests, ...(limits === undefined ? {} : { limits }) },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          readinessProbe: { httpGet: { path: "/", port: guest.ports[0] ?? 8080 }, periodSeconds: 1, timeoutSeconds: 2 },
          volumeMounts: [
            { name: "run", mountPath: "/run/vm" },
            ...seeds.map(({ volume, mountPath }) => ({ name: volume.name, mountPath, readOnly: true })),
          ],
        },
      ],
      volumes: [{ name: "run", emptyDir: {} }, ...seeds.map(({ volume }) => volume)],
    },
  };
}

/** Five characters that follow from a UID: the random end of a name that is yet the same at every try. */
export function nameSuffix(uid: string): string {
  return createHash("sha256").update(uid).digest("hex").slice(0, 5);
}

function environmentOf(guest: Guest): { name: string; value: string }[] {
  const { userData } = guest;
  return [
    { name: "VM_NAME", value: guest.name },
    { name: "VM_CPUS", value: String(guest.cpus) },
    { name: "VM_MEMORY_MB", value: String(guest.memoryMiB) },
    { name: "VM_PORTS", value: guest.ports.join(" ") },
    { name: "VM_SSH_KEYS", value: guest.keys.join("\n") },
    ...(userData !== undefined && "text" in userData ? [{ name: "VM_USER_DATA", value: userData.text }] : []),
  ];
}

interface SeedVolume {
  readonly volume: NonNullable<PodSpec["volumes"]>[number];
  readonly mountPath: string;
}

function seedVolumes({ keySecrets, userData }: Guest): SeedVolume[] {
  const keys = keySecrets.map((secretName, index) => ({
    volume: { name: `keys-${index}`, secret: { secretName } },
    mountPath: `/var/seed/keys/${index}`,
  }));
  if (userData === undefined || "text" in userData) return keys;
  const items = [{ key: userData.key, path: "userData" }];
  const volume = { name: "user-data", secret: { secretName: userData.secret, items } };
  return [...keys, { volume, mountPath: "/var/seed/user-data" }];
}
