export { memoryStore } from "../store/memory-store.ts";
export type { MemoryStoreOptions } from "../store/memory-options.ts";
export { StoreError } from "../store/store-error.ts";
export type { SessionStore } from "../store/store.ts";
