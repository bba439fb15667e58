import { BackpressureError, FrameError, HoldfastError, type ErrorDetails } from "@holdfast/core";
import type { Fault } from "./client-host.ts";

/**
 * A session is over or at rest (`next: 'stop'`), or a keeper does not take it (the others: the link goes on). Codes: `HF_SESSION_EXPIRED`,
 * `HF_SESSION_LOST`, `HF_SESSION_ENDED`, `HF_SESSION_MOVED`, `HF_SESSION_UNAUTHORIZED`, `HF_SESSION_PLAINTEXT`, `HF_SESSION_CLOSED` (used after its end);
 * `HF_SESSION_REFUSED`, `HF_SESSION_UNPROVEN`, `HF_SESSION_PROTOCOL`, `HF_SESSION_CHECKPOINT`, `HF_SESSION_LIMITS`, `HF_SESSION_IN_DOUBT`.
 */
export class SessionError extends HoldfastError {
  constructor(code: Fault["code"] | "HF_SESSION_CLOSED", message: string, details?: ErrorDetails) {
    super(code, message, { next: "stop", ...details });
  }

  override get name(): string {
    return "SessionError";
  }
}

export function errorOf({ code, words, next, retryAfter }: Fault): SessionError {
  return new SessionError(code, words, { next, retryAfter });
}

export function closedError(): SessionError {
  return new SessionError("HF_SESSION_CLOSED", "this session is closed and takes no more messages: make a new one");
}

export function fullError(waitingBytes: number): BackpressureError {
  return new BackpressureError(`the outbox of the session is full (${waitingBytes} bytes wait): this message was not taken. Use write() to wait for room, or raise outbox.maxMessages or outbox.maxBytes`);
}

export function tooLongError(bytes: number): FrameError {
  return new FrameError("HF_FRAME_TOO_LONG", "local", `a message of ${bytes} bytes is longer than the keeper, or the outbox, takes: it was not taken. Send it in parts, or raise the window of the keeper`);
}
