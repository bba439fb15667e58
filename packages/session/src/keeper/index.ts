export { Keeper } from "./keeper.ts";
export type { Authorize, AuthorizeRequest, Handle, KeeperOptions } from "./keeper-options.ts";
export type { HandlerContext, KeptSession } from "./kept-session.ts";
export type { KeeperEvents, KeeperFailed, MessagesDropped, SessionAttached, SessionBegan, SessionClosed, SessionDetached, SessionExpired, SessionMoved, SessionRefused } from "./keeper-events.ts";
export { KeeperError } from "./keeper-error.ts";
export type { KeeperLimitOptions } from "./limits.ts";
export type { KeyChange } from "./watches.ts";
export type { RefusalWhy } from "./machine/keeper-host.ts";

export { memoryStore } from "../store/memory-store.ts";
export type { MemoryStoreOptions } from "../store/memory-options.ts";
export type * from "../store/store.ts";
export type { Message } from "../frames/frame.ts";
