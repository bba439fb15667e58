// The client's messages: counted, handed to the application one at a time, and what it answers.
import { codes } from "../../frames/codes.ts";
import { assemble, type Wrong } from "../../frames/data.ts";
import type { Data, Message } from "../../frames/frame.ts";
import { weigh } from "../../store/weight.ts";
import { KeeperError } from "../keeper-error.ts";
import { conclude, want } from "./commits.ts";
import { attachedAt, ledgerAt, type Desk } from "./desk.ts";
import { fail, hangUp, violate } from "./endings.ts";
import type { Verdict } from "./keeper-calls.ts";
import type { Attached, Draft, Ledger, Outflow } from "./keeper-state.ts";
import { longestFor } from "./outflow.ts";

/** A DATA frame. */
export function gather(desk: Desk, { inflow }: Attached, data: Data): void {
  const size = inflow.pieces.bytes + data.payload.length;
  const message = assemble(inflow.pieces, desk.policy.grant.windowBytes, data);
  if (message !== undefined) arrive(desk, message, size);
}

/** A message of `size` payload bytes is whole, or cannot be. */
export function arrive(desk: Desk, message: Message | Wrong, size: number): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  if (isWrong(message)) return violate(desk, message.wrong);
  const { inflow, ledger } = attached;
  const { grant } = desk.policy;
  inflow.counted += 1;
  if (inflow.counted <= inflow.told) return; // Put behind an ATTACH, and on the channel before, where it arrived in time.
  inflow.sizes.push(size);
  inflow.bytes += size;
  const alone = inflow.sizes.length === 1; // One message may always be on its way.
  if (!alone && inflow.sizes.length > grant.windowMessages) return hangUp(desk, codes.flow, `more than the ${grant.windowMessages} messages of the window`);
  if (!alone && inflow.bytes > grant.windowBytes) return hangUp(desk, codes.flow, `more than the ${grant.windowBytes} bytes of the window`);
  if (ledger.closing !== "no") return; // Nothing more is begun: the session is about to end.
  if (mayBegin(ledger) && !ledger.handing && ledger.inbox.length === 0) begin(desk, ledger, message); // Nearly always: it need not stand in line.
  else ledger.inbox.push(message);
  if (ledger.inbox.length > 0) handOver(desk, ledger);
}

export function handled(desk: Desk, sequence: number): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined || sequence !== ledger.begun || sequence === ledger.handled) return;
  ledger.handled = sequence;
  if (ledger.replies.length > 0) draftReplies(ledger);
  if (ledger.turning && ledger.inbox.length === 0 && !ledger.lost) return; // Nearly always: the commit that is due looks at it all.
  want(desk);
  handOver(desk, ledger);
  conclude(desk);
}

/** The message stays unacknowledged, so it comes again with the next channel; unless that was tried often enough. Its answers are forgotten with this machine. */
export function handlerFailed(desk: Desk, sequence: number, failures: number, cause: unknown): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined || sequence !== ledger.begun || sequence === ledger.handled) return;
  ledger.begun = ledger.handled;
  ledger.inbox = [];
  const { handlerRetries } = desk.policy;
  const what = `the handler failed at message ${sequence} of a session (${failures} of ${handlerRetries} times)`;
  if (failures >= handlerRetries) {
    desk.host.tell({ type: "failed", error: new KeeperError("HF_SESSION_HANDLER", `${what}: the session is closed, since it would fail for ever`, { cause, next: "stop" }) });
    ledger.closing = "wanted";
    ledger.byClient = true; // Nothing that still waits for the client is waited for.
    ledger.endedBy = "handler";
  } else fail(desk, new KeeperError("HF_SESSION_HANDLER", `${what}: the client attaches anew, and the message is handled again`, { cause }));
  conclude(desk);
}

export function send(desk: Desk, message: Message): Verdict {
  const attached = attachedAt(desk);
  if (attached === undefined || attached.ledger.closing !== "no") return "over";
  const size = weigh(message);
  const verdict = judge(desk, attached.ledger, attached.outflow, size);
  if (verdict !== "taken") return verdict;
  attached.ledger.drafts.push({ message, size, answers: 0 });
  want(desk);
  return "taken";
}

export function reply(desk: Desk, message: Message, sequence: number): Verdict {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return "over";
  // A handler that is done may still hold on to what it was given: then it is a message like any other.
  if (sequence !== ledger.begun || sequence === ledger.handled) return send(desk, message);
  const size = weigh(message);
  const verdict = judge(desk, ledger, attachedAt(desk)?.outflow, size);
  if (verdict !== "taken") return verdict;
  ledger.replies.push({ message, size, answers: sequence });
  return verdict;
}

/** Nothing more is begun, until `resume`. */
export function rest(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger !== undefined) ledger.resting = true;
}

export function resume(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return;
  ledger.resting = false;
  handOver(desk, ledger);
}

function draftReplies(ledger: Ledger): void {
  const { replies, drafts } = ledger;
  if (replies.length === 1) return void drafts.push(replies.pop() as Draft); // Nearly always; the list keeps its place.
  drafts.push(...replies);
  ledger.replies = [];
}

function judge({ policy }: Desk, ledger: Ledger, outflow: Outflow | undefined, size: number): Verdict {
  if (outflow !== undefined && size > longestFor(outflow)) return "tooLong";
  if (ledger.draftBytes + (outflow === undefined ? 0 : outflow.waitingBytes + outflow.flightBytes) + size > policy.maxBytes) return "full";
  ledger.draftBytes += size;
  return "taken";
}

function handOver(desk: Desk, ledger: Ledger): void {
  while (ledger.inbox.length > 0 && mayBegin(ledger) && !ledger.handing && ledgerAt(desk) === ledger) {
    begin(desk, ledger, (ledger.inbox.length === 1 ? ledger.inbox.pop() : ledger.inbox.shift()) as Message); // The length was looked at.
  }
}

function mayBegin({ resting, begun, handled }: Ledger): boolean {
  return !resting && begun === handled;
}

/** The next one waits until the call has returned, also where the handler is done before. */
function begin({ host }: Desk, ledger: Ledger, message: Message): void {
  ledger.handing = true;
  ledger.begun += 1;
  host.handle(message, ledger.begun);
  ledger.handing = false;
}

function isWrong(message: Message | Wrong): message is Wrong {
  return typeof message === "object" && "wrong" in message;
}
