import type { AttachRefusal, Attachment, Change, Claim, Committed, Created, Ended, Fenced, Found, Full, NewSession, Outgoing, SessionId, Tombstone } from "../../store/store.ts";

/**
 * What the machine wants to know: of the application (`authorize`), or of the store, whose port the other orders mirror. At most one order of each type is
 * open at a time, so an answer says by the type of its order where it belongs. Answers may come at once, within `ask`, or later.
 */
export type KeeperOrder =
  | { readonly type: "authorize"; readonly what: "open"; readonly auth: Uint8Array }
  | { readonly type: "authorize"; readonly what: "attach"; readonly auth: Uint8Array; /** Who opened it. */ readonly principal: string }
  | { readonly type: "create"; readonly id: SessionId; readonly session: NewSession }
  | { readonly type: "find"; readonly id: SessionId }
  | { readonly type: "attach"; readonly id: SessionId; readonly claim: Claim }
  | { readonly type: "commit"; readonly id: SessionId; readonly epoch: number; readonly change: Change }
  | { readonly type: "read"; readonly id: SessionId; readonly from: number; readonly limit: number }
  | { readonly type: "touch"; readonly id: SessionId; readonly epoch: number }
  | { readonly type: "close"; readonly id: SessionId; readonly epoch: number };

/** What answers each order. */
export interface KeeperAnswers {
  authorize: Authorized | Denied;
  create: Created | Full;
  find: Found | Tombstone | undefined;
  attach: Attachment | AttachRefusal;
  commit: Committed | Full | Fenced | Ended;
  read: readonly Outgoing[];
  touch: Committed | Fenced | Ended;
  close: Ended | Fenced;
}
export type KeeperAnswer = KeeperAnswers[KeeperOrder["type"]];

/** `principal`: who that is. An attach goes on only where it is who opened the session. */
export interface Authorized {
  readonly ok: "authorized";
  readonly principal: string;
  /** For `open`, always: where the session's id (16 bytes) and secret (32 bytes) come from, since a machine draws nothing. */
  readonly fresh?: { readonly id: Uint8Array; readonly secret: Uint8Array };
}
export interface Denied { readonly ok: "denied" }
