import type { TenantSpec } from "@carrel/api";

/** Whose session it is. */
export interface Owner {
  readonly tenant: string;
  readonly user: string;
}

/** How many living sessions each tenant and each user has. */
export class LivingCounts {
  readonly #counts = new Map<string, number>();

  add({ tenant, user }: Owner): void {
    this.#change(tenant, 1);
    this.#change(`${tenant}/${user}`, 1);
  }

  remove({ tenant, user }: Owner): void {
    this.#change(tenant, -1);
    this.#change(`${tenant}/${user}`, -1);
  }

  /** Why a further session would be one too many, or `undefined` when it would not. */
  problem({ tenant, user }: Owner, limits: TenantSpec): string | undefined {
    const all = this.#counts.get(tenant) ?? 0;
    if (all >= limits.maxSessions) return `tenant ${tenant} has ${all} sessions; its cap is ${limits.maxSessions}`;
    const own = this.#counts.get(`${tenant}/${user}`) ?? 0;
    if (own >= limits.maxSessionsPerUser && !limits.exemptUsers.includes(user))
      return `user ${user} has ${own} sessions; the cap per user is ${limits.maxSessionsPerUser}`;
    return undefined;
  }

  #change(key: string, by: number): void {
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
