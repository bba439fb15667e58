// One move of one machine: a copy of its state is told something, and what it orders is written into the setting.
import { ClientMachine } from "../../src/client/client-machine.ts";
import type { Message } from "../../src/frames/frame.ts";
import { KeeperMachine } from "../../src/keeper/machine/keeper-machine.ts";
import { greetingState } from "../../src/keeper/machine/keeper-state.ts";
import { Violation } from "../simulation/violation.ts";
import { carryOut } from "./model-store.ts";
import { copy } from "./plain.ts";
import { clientPolicy, keeperPolicy, type Channel, type Holder, type Peer, type Setting } from "./setting.ts";

/** A setting that is being written. Components are replaced, never changed. */
export type Draft = { -readonly [Name in keyof Setting]: Setting[Name] extends readonly (infer Item)[] ? Item[] : Setting[Name] };

export function draft(setting: Setting): Draft {
  return { ...setting, clients: [...setting.clients], channels: [...setting.channels], recorded: [...setting.recorded] };
}

/** Nothing here takes time. */
const now = 0;

export function channelAt(setting: Draft | Setting, number: number): Channel {
  const channel = setting.channels.find((other) => other.number === number);
  if (channel === undefined) throw new Error(`no channel ${number}`);
  return channel;
}

export function change(setting: Draft, number: number, fields: Partial<Channel>): void {
  const at = setting.channels.findIndex((other) => other.number === number);
  if (at >= 0) setting.channels[at] = { ...(setting.channels[at] as Channel), ...fields }; // Just found.
}

/** Tells a client's machine something. */
export function tellClient(setting: Draft, index: number, tell: (machine: ClientMachine) => void): void {
  const holder = setting.clients[index] as Holder; // Numbered by the setting itself.
  const next = { ...holder, state: copy(holder.state), delivered: [...holder.delivered] };
  const silent = (what: string): void => { if (next.moved) throw new Violation("I5", `a client ${what} after it was moved`); };
  const letGo = (channel: number): void => { change(setting, channel, { clientHolds: false, down: [] }); };
  const machine = new ClientMachine(clientPolicy, {
    transmit: (channel, frame) => {
      silent("transmits");
      const { up, clientHolds } = channelAt(setting, channel);
      if (!clientHolds) throw new Violation("I8", "transmits on a channel that it let go");
      change(setting, channel, { up: [...up, frame] });
      return true;
    },
    greeted: () => { silent("attaches"); },
    pong: () => {},
    leave: () => {},
    drop: (channel, fault) => {
      if (fault.code !== "HF_SESSION_REFUSED" && fault.code !== "HF_SESSION_IN_DOUBT") throw new Violation("I12", `${fault.code}: ${fault.words}`);
      letGo(channel);
    },
    done: letGo,
    rest: () => { for (const { number, client } of setting.channels) if (client === index) letGo(number); },
    deliver: (message: Message, sequence) => {
      silent("delivers");
      if (sequence !== next.from + next.delivered.length + 1) throw new Violation("I2", `delivers ${sequence} after ${next.from + next.delivered.length}`);
      if (setting.store.appended[sequence - 1] !== message) throw new Violation("I2", `delivers ${String(message)} as ${sequence}`);
      next.delivered.push(message);
      machine.handled(sequence, now);
    },
    drained: () => {},
    tell: (report) => {
      if (report.type === "attached" && report.continuity === "restarted") Object.assign(next, { delivered: [], from: machine.state.incoming.delivered });
      if (next.alone && (report.type === "moved" || report.type === "lost")) throw new Violation("I4", `the only holder is told ${report.type}`);
      if (report.type === "moved" || report.type === "lost" || report.type === "closed") next.moved = true;
    },
  }, next.state);
  tell(machine);
  setting.clients[index] = next;
  if (machine.state.outgoing.base > setting.store.received && !machine.state.restarted) throw new Violation("I12", `${machine.state.outgoing.base} messages acknowledged, ${setting.store.received} committed`);
}

/** Tells the keeper's machine of a channel something, and then that the turn is over. */
export function tellKeeper(setting: Draft, number: number, tell: (machine: KeeperMachine) => void): void {
  const channel = channelAt(setting, number);
  const peer = channel.peer ?? { state: greetingState(true), handed: [], from: 0, asked: [], answers: [], parted: false };
  const next: { -readonly [Name in keyof Peer]: Peer[Name] } = { ...peer, state: copy(peer.state) };
  let turning = false;
  const part = (): void => { next.parted = true; };
  const machine = new KeeperMachine(keeperPolicy, {
    transmit: (frame) => {
      if (next.parted) throw new Violation("I5", "a keeper transmits on a channel that it ended");
      const { down, clientHolds } = channelAt(setting, number);
      if (clientHolds) change(setting, number, { down: [...down, frame] });
      return true;
    },
    greeted: () => {},
    ask: (order) => {
      // These two decide something. All others are answered at once, which keeps the search small.
      if (order.type === "attach" || order.type === "commit") next.asked = [...next.asked, order];
      else machine.answered(order, carryOut(setting.store, order, { from: next.from, messages: next.handed }), now);
    },
    admit: () => 0,
    handle: (message, sequence) => {
      if (sequence !== next.from + next.handed.length + 1) throw new Violation("I1", `hands over ${sequence} after ${next.from + next.handed.length}`);
      next.handed = [...next.handed, message];
      machine.handled(sequence, now);
    },
    volatile: () => {},
    turn: () => { turning = true; },
    pong: () => {},
    done: part,
    drop: part,
    tell: (report) => {
      if (report.type === "attached" && machine.state.stage.phase === "attached") next.from = machine.state.stage.ledger.received;
      if (report.type === "failed") throw new Violation("I12", report.error.message);
    },
  }, next.state);
  tell(machine);
  while (turning) {
    turning = false;
    machine.turned(now);
  }
  change(setting, number, { peer: next });
}
