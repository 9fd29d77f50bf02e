import type { BudgetSize } from "@carrel/api";

/** What all objects of a learner together may use. Quantities as Kubernetes writes them. */
export interface Budget {
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorageGi: number;
  readonly pods: number;
  readonly volumes: number;
  /** Largest single volume, Gi. */
  readonly volumeGi: number;
  readonly secrets: number;
  readonly services: number;
  readonly defaultCpu: string;
  readonly defaultMemory: string;
}

const budget = (
  cpu: number,
  memoryGi: number,
  rest: Omit<Budget, "cpu" | "memory" | "defaultCpu" | "defaultMemory">,
): Budget => ({
  cpu: String(cpu),
  memory: `${memoryGi}Gi`,
  ...rest,
  defaultCpu: cpu === 1 ? "250m" : "500m",
  defaultMemory: cpu === 1 ? "256Mi" : "512Mi",
});

/** The named sizes. All are finite. */
export const BUDGETS: Readonly<Record<BudgetSize, Budget>> = {
  small: budget(1, 1, { ephemeralStorageGi: 5, pods: 20, volumes: 3, volumeGi: 1, secrets: 20, services: 5 }),
  medium: budget(2, 2, { ephemeralStorageGi: 10, pods: 30, volumes: 6, volumeGi: 5, secrets: 25, services: 10 }),
  large: budget(4, 4, { ephemeralStorageGi: 20, pods: 50, volumes: 12, volumeGi: 10, secrets: 35, services: 20 }),
  "x-large": budget(8, 8, { ephemeralStorageGi: 40, pods: 70, volumes: 18, volumeGi: 20, secrets: 45, services: 30 }),
  "xx-large": budget(8, 12, { ephemeralStorageGi: 60, pods: 90, volumes: 24, volumeGi: 20, secrets: 55, services: 40 }),
  "xxx-large": budget(8, 16, {
    ephemeralStorageGi: 80,
    pods: 110,
    volumes: 30,
    volumeGi: 20,
    secrets: 65,
    services: 50,
  }),
};
