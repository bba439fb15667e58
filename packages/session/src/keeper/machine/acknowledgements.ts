// What the client is told that we committed: on whatever goes out, or by an ACK once enough was committed or enough time has passed.
import { encode } from "../../frames/encode.ts";
import { attachedAt, type Desk } from "./desk.ts";
import { rules } from "./keeper-policy.ts";
import type { Attached } from "./keeper-state.ts";

/** The acknowledgement that the next frame carries, if there is something to acknowledge. It counts as told. */
export function takeAck(attached: Attached): number | undefined {
  const { ledger, inflow } = attached;
  if (ledger.received <= inflow.told) return undefined;
  inflow.bytes -= letGo(inflow.sizes, ledger.received - inflow.told);
  inflow.told = ledger.received;
  inflow.ackAt = Infinity;
  return ledger.received;
}

/** For frames that always carry one. */
export function anyAck(attached: Attached): number {
  return takeAck(attached) ?? attached.inflow.told;
}

/** Sends an ACK, if there is something to acknowledge. */
export function acknowledge(desk: Desk): void {
  const attached = attachedAt(desk);
  const acked = attached && takeAck(attached);
  if (acked !== undefined) desk.host.transmit(encode({ type: "ack", acked }));
}

/** More was committed: sends an ACK now, or lets it wait. */
export function owe(desk: Desk): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  const { inflow, ledger } = attached;
  const owed = ledger.received - inflow.told;
  if (owed === 0) return;
  if (owed >= often(desk) || bytesOf(inflow.sizes, owed) * 4 >= desk.policy.grant.windowBytes) acknowledge(desk);
  else inflow.ackAt = Math.min(inflow.ackAt, desk.now + rules.ackDelay);
}

/** A quarter of the window's messages, where that is less: the client may not be able to send as many as the rule says. */
function often({ policy }: Desk): number {
  return Math.max(1, Math.min(rules.ackMessages, policy.grant.windowMessages >> 2));
}

/** Takes the oldest `count` out, in one move; says how much they were. */
export function letGo(sizes: number[], count: number): number {
  if (count === 1) return sizes.shift() ?? 0;
  const sum = bytesOf(sizes, count);
  sizes.splice(0, count);
  return sum;
}

function bytesOf(sizes: readonly number[], count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += sizes[at] ?? 0;
  return sum;
}
