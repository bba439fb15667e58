export type {
  Answer, Attachment, AttachRefusal, Change, Claim, Committed, Created, Ended, Fenced, Found, Full, Held, Key, NewSession, News, Outgoing, SessionId, SessionStore, Tombstone,
} from "./store/store.ts";
