import { fileURLToPath } from "node:url";

/** A program that this package builds from pinned Go modules. */
export type ProgramName = "carrel-k8s" | "carrel-node" | "coredns" | "helm" | "kubectl" | "nats-server";

/** How a program is built. All are statically linked (CGO_ENABLED=0), so they fit an image made of nothing else. */
export interface ProgramSource {
  /** What a person reads while it is built. */
  readonly title: string;
  /** The directory of the Go module whose go.mod and go.sum pin every dependency by content. */
  readonly moduleDir: string;
  /** The package to build, as `go build` takes it. */
  readonly packagePath: string;
  /** Linker settings of strings, `importpath.name=value`. */
  readonly linkerStrings: readonly string[];
  /** What an empty Go cache costs on two cores, for the progress line. */
  readonly coldBuild: string;
}

/** The Kubernetes release that everything here is, as in go.mod. */
export const KUBERNETES_VERSION = "v1.34.4";

// Without these, clients see v0.0.0-master and kubectl cannot compare versions.
const kubernetesVersion = [
  `k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
  "k8s.io/component-base/version.gitMajor=1",
  "k8s.io/component-base/version.gitMinor=34",
  "k8s.io/component-base/version.gitTreeState=clean",
];

function directory(relative: string): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}

/** Every program by name. */
export const PROGRAMS: Readonly<Record<ProgramName, ProgramSource>> = {
  "carrel-k8s": {
    title: "Kubernetes",
    moduleDir: directory("."),
    packagePath: ".",
    linkerStrings: kubernetesVersion,
    coldBuild: "3 to 7 min",
  },
  kubectl: {
    title: "kubectl",
    moduleDir: directory("."),
    packagePath: "./kubectl",
    linkerStrings: kubernetesVersion,
    coldBuild: "1 min",
  },
  "carrel-node": {
    title: "carrel-node",
    moduleDir: directory("agent"),
    packagePath: ".",
    linkerStrings: [],
    coldBuild: "5 s",
  },
  coredns: {
    title: "CoreDNS",
    moduleDir: directory("programs/coredns"),
    packagePath: ".",
    linkerStrings: [],
    coldBuild: "1 to 2 min",
  },
  helm: {
    title: "Helm",
    moduleDir: directory("programs/helm"),
    packagePath: "helm.sh/helm/v3/cmd/helm",
    linkerStrings: [
      "helm.sh/helm/v3/internal/version.version=v3.22.0",
      "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1",
      "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=34",
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34",
    ],
    coldBuild: "1 to 2 min",
  },
  "nats-server": {
    title: "nats-server",
    moduleDir: directory("programs/nats-server"),
    packagePath: "github.com/nats-io/nats-server/v2",
    linkerStrings: ["github.com/nats-io/nats-server/v2/server.serverVersion=v2.15.2"],
    coldBuild: "40 s",
  },
};
