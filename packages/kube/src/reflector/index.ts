/**
 * Caches of the API server's objects that outlive every fault of network and server. From below: `Reflector` lists and
 * watches, `Store` keeps frozen objects by name and index, `Informer` joins both and tells handlers what changes.
 *
 * @module
 */
export type { EventHandler } from "./event-handler.ts";
export type { IndexFunction } from "./indexer.ts";
export { Informer, type InformerContext, type InformerOptions } from "./informer.ts";
export { OwnWrites } from "./own-writes.ts";
export { Reflector, type ReflectorOptions, type ReflectorSink, type Selection } from "./reflector.ts";
export { compareResourceVersions } from "./resource-version.ts";
export { type ReadonlyStore, Store } from "./store.ts";
export type { EndReason } from "./watch-end.ts";
