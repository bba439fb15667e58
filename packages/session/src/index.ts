export type { SessionStore } from "./store/store.ts";
