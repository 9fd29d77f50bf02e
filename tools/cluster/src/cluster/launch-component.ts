import { join } from "node:path";
import type { Component } from "../process/component.ts";
import { spawnDaemon } from "../process/spawn-daemon.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { clusterEnvironment } from "./cluster-processes.ts";
import { writeComponent } from "./cluster-record.ts";

/** A program to run as a component of a cluster. */
export interface ComponentCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** `node` (default): in the node's network namespace; `machine`: in this machine's. */
  readonly network?: "node" | "machine";
}

/** Starts a component that outlives this process, and notes it in the cluster's state. */
export async function launchComponent(paths: ClusterPaths, command: ComponentCommand): Promise<Component> {
  const { name, program, args } = command;
  const logPath = join(paths.logs, `${name}.log`);
  const inNode = command.network !== "machine";
  const [file, allArgs] = inNode
    ? ["nsenter", [`--net=${paths.networkNamespace}`, "--", program, ...args]]
    : [program, args];
  const options = { logPath, lifetime: "detached", cwd: paths.root, env: clusterEnvironment(paths) } as const;
  const component = { name, identity: await spawnDaemon(file, allArgs, options), logPath };
  await writeComponent(paths, component);
  return component;
}
