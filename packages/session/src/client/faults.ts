import type { Fault, LossWhy } from "./client-host.ts";

/** The words of everything that can go wrong. `endpoint` is a label, `reason` what a keeper said: one line without control characters. */
export const faults = {
  plaintext: (endpoint: string): Fault => fault("HF_SESSION_PLAINTEXT", `${endpoint} is neither encrypted nor on this machine, and whoever opens a session there is sent its secret: use wss: or tls:, or say allowPlaintext: true`, "stop"),
  auth: (bytes: number, most: number): Fault => fault("HF_SESSION_UNAUTHORIZED", `auth has ${bytes} bytes, and at most ${most} may travel with a greeting: send a shorter token`, "stop"),
  unproven: (endpoint: string): Fault => fault("HF_SESSION_UNPROVEN", `${endpoint} cannot prove that it knows this session: it is not one of its keepers, or something in between changes what they say`, "elsewhere"),
  foreign: (endpoint: string, wrong: string): Fault => fault("HF_SESSION_PROTOCOL", `${endpoint} does not answer as a keeper of HFS/1 (${wrong}): check the address and the protocol of the server`, "elsewhere"),
  broken: (endpoint: string, wrong: string): Fault => fault("HF_SESSION_PROTOCOL", `${endpoint} broke the rules of HFS/1 (${wrong}): attaching anew`, "retry"),
  complained: (endpoint: string, reason: string): Fault => fault("HF_SESSION_PROTOCOL", `${endpoint} says that we broke the rules of HFS/1${because(reason)}: attaching anew`, "retry"),
  checkpoint: (endpoint: string): Fault => fault("HF_SESSION_CHECKPOINT", `the counts of both sides differ on the channel to ${endpoint}: something in between swallowed or doubled a frame; attaching anew`, "retry"),
  limits: (endpoint: string): Fault => fault("HF_SESSION_LIMITS", `${endpoint} takes only shorter messages than one that was sent elsewhere already: give all keepers the same limits`, "elsewhere"),
  inDoubt: (endpoint: string): Fault => fault("HF_SESSION_IN_DOUBT", `${endpoint} does not own the session any more, and it may have been our own attach, unanswered, that moved it: attaching anew`, "retry"),
  refused: (endpoint: string, code: number, reason: string, retryAfter: number): Fault => ({ code: "HF_SESSION_REFUSED", words: `${endpoint} refused the session (${code})${because(reason)}: trying elsewhere`, next: "elsewhere", retryAfter }),
  parted: (endpoint: string, code: number, reason: string): Fault => fault("HF_SESSION_REFUSED", `${endpoint} ended the channel (${code})${because(reason)}: attaching anew`, "retry"),
  unauthorized: (endpoint: string, reason: string): Fault => fault("HF_SESSION_UNAUTHORIZED", `${endpoint} does not accept our auth${because(reason)}: the session waits; give new credentials to open() or end it with close()`, "stop"),
  moved: (): Fault => fault("HF_SESSION_MOVED", "somebody else uses the credential of this session and owns it now; this side has stopped. Use a ticket in one process at a time, or call takeover() in the one that shall win", "stop"),
  expired: (): Fault => fault("HF_SESSION_EXPIRED", "the session has expired: nobody was heard of it for its timeout. Open a new one, or say onEnd: 'renew'", "stop"),
  ended: (reason: string): Fault => fault("HF_SESSION_ENDED", `the server ended the session on purpose${because(reason)}`, "stop"),
  lost: (why: LossWhy): Fault => fault("HF_SESSION_LOST", `the session is lost: ${losses[why]}. Open a new one, or say onEnd: 'renew'`, "stop"),
  renewed: (): Fault => fault("HF_SESSION_REFUSED", "the session is over, a new one is on its way", "retry"),
} as const;

const losses: Readonly<Record<LossWhy, string>> = {
  unknown: "no keeper knows it, so it was ended, or their store forgot it",
  stateLost: "the store of the keepers lost what it had acknowledged",
  diverged: "somebody else used its credential and acknowledged messages that were for us",
  protocol: "three channels in a row ended because a rule of the protocol was broken",
};

function fault(code: Fault["code"], words: string, next: Fault["next"]): Fault {
  return { code, words, next, retryAfter: 0 };
}

function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}
