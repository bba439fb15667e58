import type { Frame, Millis } from "@holdfast/core";

/** The frames of HFS/1, decoded. See docs/spec/hfs1.md; the fields stand in the order of the wire. */
export type SessionFrame = Open | Opened | Attach | Attached | Refused | Data | Ack | Beat | Close | Moved | GoAway | Volatile | Extension;
/** What may begin a channel, and what may answer. */
export type Greeting = Open | Attach;

/** What one side takes in: its longest frame in bytes, and how much it may be sent without acknowledging. */
export interface Grant { readonly frameMax: number; readonly windowMessages: number; readonly windowBytes: number }
export interface Versions { readonly versionMin: number; readonly versionMax: number; readonly features: number }

export interface Open extends Versions, Grant { readonly type: "open"; readonly timeout: Millis; readonly auth: Uint8Array }
export interface Opened extends Grant {
  readonly type: "opened"; readonly version: number; readonly features: number;
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  readonly epoch: number; readonly timeout: Millis; readonly heartbeat: Millis;
  /** 8 bytes. */
  readonly generation: Uint8Array;
  readonly mac: Uint8Array;
}
export interface Attach extends Versions, Grant {
  readonly type: "attach"; readonly restarted: boolean; /** Messages follow, before the answer. */ readonly early: boolean;
  readonly id: Uint8Array; readonly attach: number; readonly received: number; readonly sent: number; readonly acked: number;
  readonly generation: Uint8Array; readonly auth: Uint8Array;
  readonly mac: Uint8Array;
}
export interface Attached extends Grant {
  readonly type: "attached"; readonly version: number; readonly features: number;
  readonly epoch: number; readonly received: number; readonly replayFrom: number; readonly timeout: Millis; readonly heartbeat: Millis;
  readonly mac: Uint8Array;
}
export interface Refused {
  readonly type: "refused"; readonly code: number; readonly retryAfter: Millis; readonly received: number; readonly attach: number; readonly reason: string;
  /** Absent: the keeper could not prove who it is. */
  readonly mac?: Uint8Array;
}
export interface Data { readonly type: "data"; /** Absent: the frame acknowledges nothing. */ readonly acked?: number; readonly more: boolean; readonly text: boolean; readonly payload: Uint8Array }
export interface Ack { readonly type: "ack"; readonly acked: number }
export interface Beat { readonly type: "ping" | "pong"; readonly nonce: number; readonly acked: number; readonly sent: number }
export interface Close { readonly type: "close"; readonly code: number; readonly received: number; readonly reason: string }
export interface Moved { readonly type: "moved"; readonly epoch: number }
export interface GoAway { readonly type: "goAway"; readonly within: Millis; readonly spread: Millis }
export interface Volatile { readonly type: "volatile"; readonly text: boolean; readonly payload: Uint8Array }
/** Types 14 and 15: ignored. */
export interface Extension { readonly type: "extension" }

/** A message, as `send` takes it and a handler gets it. */
export type Message = Frame;
