// What the client says once the session is attached.
import { volatileMessage, wholeMessage } from "../../frames/data.ts";
import { decode } from "../../frames/decode.ts";
import { encode } from "../../frames/encode.ts";
import { codes } from "../../frames/codes.ts";
import type { Beat, Close, Volatile } from "../../frames/frame.ts";
import { KeeperError } from "../keeper-error.ts";
import { acknowledge, anyAck, letGo } from "./acknowledgements.ts";
import { conclude, want } from "./commits.ts";
import { attachedAt, type Desk } from "./desk.ts";
import { hangUp, leave, violate } from "./endings.ts";
import { arrive, gather } from "./inflow.ts";
import { heartbeatFor, rules } from "./keeper-policy.ts";
import type { Attached } from "./keeper-state.ts";
import { pump } from "./outflow.ts";
import { owePong, renew } from "./renewal.ts";

export function hear(desk: Desk, bytes: Uint8Array | string): void {
  const attached = attachedAt(desk);
  if (attached === undefined || attached.ledger.byClient) return;
  if (typeof bytes === "string") return violate(desk, "a text frame");
  if (bytes.length > desk.policy.grant.frameMax) return violate(desk, "a frame longer than was granted");
  const whole = wholeMessage(bytes, attached.inflow.pieces, desk.policy.grant.windowBytes);
  if (whole !== undefined) return arrive(desk, whole, bytes.length - 1);
  const frame = decode(bytes);
  if (typeof frame === "string") return violate(desk, frame);
  switch (frame.type) {
    case "data":
      if (frame.acked === undefined || take(desk, attached, frame.acked)) gather(desk, attached, frame);
      return;
    case "ack":
      if (frame.acked === attached.ledger.acked && !spend(desk, attached)) return;
      take(desk, attached, frame.acked);
      return;
    case "ping": return hearPing(desk, attached, frame);
    case "pong": return hearPong(desk, attached, frame);
    case "volatile": return hearVolatile(desk, frame);
    case "close": return hearClose(desk, attached, frame);
    case "extension": return;
    default: return violate(desk, `a frame that a client does not send (${frame.type})`);
  }
}

/** Asks the client for a sign of life. */
export function askPong(desk: Desk, nonce: number): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  attached.beats.asked += 1;
  desk.host.transmit(encode({ type: "ping", nonce, acked: anyAck(attached), sent: attached.outflow.transmitted }));
}

function hearPing(desk: Desk, attached: Attached, { nonce, acked, sent }: Beat): void {
  if (!spend(desk, attached)) return;
  if (!check(desk, attached, sent) || !take(desk, attached, acked)) return;
  owePong(desk, nonce);
}

function hearPong(desk: Desk, attached: Attached, { nonce, acked, sent }: Beat): void {
  const { beats } = attached;
  if (beats.asked > 0) beats.asked -= 1;
  else if (!spend(desk, attached)) return;
  if (!check(desk, attached, sent) || !take(desk, attached, acked)) return;
  desk.host.pong(nonce);
  renew(desk);
}

function hearVolatile(desk: Desk, frame: Volatile): void {
  const attached = attachedAt(desk);
  if (attached !== undefined && attached.inflow.pieces.pieces.length > 0) return violate(desk, "another message inside of one");
  const message = volatileMessage(frame);
  if (typeof message === "object" && "wrong" in message) return violate(desk, message.wrong);
  desk.host.volatile(message);
}

/** With NORMAL the session ends, after what the client has said before. Otherwise only the channel does. */
function hearClose(desk: Desk, { ledger }: Attached, { code, reason }: Close): void {
  if (code === codes.normal) {
    if (ledger.closing === "no") ledger.closing = "wanted";
    ledger.byClient = true;
    conclude(desk);
    return;
  }
  acknowledge(desk);
  leave(desk);
  if (code === codes.protocol || code === codes.flow) desk.host.tell({ type: "failed", error: new KeeperError("HF_SESSION_PROTOCOL", `the client of a session says that we broke the rules (${code}): ${reason}`) });
  desk.host.done();
  conclude(desk);
}

/** The client has all messages up to `acked`. False: that cannot be, and the channel has ended. */
function take(desk: Desk, { ledger, outflow }: Attached, acked: number): boolean {
  if (acked === ledger.acked) return true;
  if (acked > outflow.transmitted || acked < ledger.acked) {
    violate(desk, acked < ledger.acked ? "an acknowledgement that goes back" : "an acknowledgement of what was not sent");
    return false;
  }
  outflow.flightBytes -= letGo(outflow.flight, acked - ledger.acked);
  ledger.acked = acked;
  want(desk);
  pump(desk);
  return attachedAt(desk) !== undefined;
}

/** The checkpoint: both sides have counted the same. */
function check(desk: Desk, { inflow }: Attached, sent: number): boolean {
  if (sent === inflow.counted) return true;
  hangUp(desk, codes.sequenceMismatch, `the channel lost or doubled a message: ${sent} were sent and ${inflow.counted} arrived`);
  return false;
}

/** A bucket of tokens for what costs us an answer and the client nothing. */
function spend(desk: Desk, { beats, ledger }: Attached): boolean {
  // A short timeout asks for many: who does as it is told is never too fast.
  const perSecond = Math.max(rules.beatsPerSecond, 2_000 / Math.max(1, heartbeatFor(desk.policy, ledger.timeout)));
  beats.tokens = Math.min(rules.beatBurst, beats.tokens + ((desk.now - beats.refilledAt) * perSecond) / 1_000);
  beats.refilledAt = desk.now;
  if (beats.tokens < 1) {
    hangUp(desk, codes.rate, "too many pings");
    return false;
  }
  beats.tokens -= 1;
  return true;
}
