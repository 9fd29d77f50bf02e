import type { ActorSettings } from "../actors/classify-actor.ts";

/** What decisions depend on besides request and facts: the same for the life of the process. */
export interface DecisionSettings extends ActorSettings {
  /** Audiences of tokens for the API server itself. It fills them in before it asks, where a request names none. */
  readonly tokenAudiences: readonly string[];
}
