export { Session, type SessionPhase, type SessionSnapshot } from "./client/session.ts";
export type { Auth, SessionOptions } from "./client/session-options.ts";
export type { Receipt, SessionAttached, SessionCloseCause, SessionClosed, SessionDetached, SessionDropped, SessionEvents, SessionExpired, SessionFailed, SessionLost, SessionMoved, SessionWaiting } from "./client/session-events.ts";
export type { Continuity, EndCause, LossWhy } from "./client/client-host.ts";
export type { MessageHandler } from "./client/delivery.ts";
export type { SessionWriteOptions } from "./client/writers.ts";
export type { Ticket } from "./client/ticket.ts";
export { SessionError } from "./client/session-error.ts";
export { sessionLabel } from "./client/label.ts";
export type { Message } from "./frames/frame.ts";
export type {
  Answer, Attachment, AttachRefusal, Change, Claim, Committed, Created, Ended, Fenced, Found, Full, Held, Key, NewSession, News, Outgoing, SessionId, SessionStore, Tombstone,
} from "./store/store.ts";
