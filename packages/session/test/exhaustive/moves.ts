import type { Holder, Setting } from "./setting.ts";
import { change, channelAt, draft, tellClient, tellKeeper, type Draft } from "./actors.ts";
import { carryOut } from "./model-store.ts";
import { copy } from "./plain.ts";

/** Something that may happen now. */
export interface Move { readonly words: string; readonly make: () => Setting }

/** All that may happen next. */
export function movesOf(setting: Setting, keepers: number): readonly Move[] {
  const moves: Move[] = [];
  const move = (words: string, change: (next: Draft) => void): void => {
    moves.push({ words, make: () => {
      const next = draft(setting);
      change(next);
      sweep(next);
      return next;
    } });
  };
  clientMoves(setting, keepers, move);
  channelMoves(setting, move);
  for (let keeper = 0; keeper < keepers; keeper += 1) {
    if (setting.crashes > 0 && setting.channels.some((channel) => channel.keeper === keeper && channel.peer !== undefined)) move(`k${keeper} crashes`, (next) => { crash(next, keeper); });
    for (const [at] of setting.recorded.entries()) if (setting.lates > 0) move(`greeting ${at} comes late to k${keeper}`, (next) => { replay(next, at, keeper); });
  }
  return moves;
}

type Add = (words: string, change: (next: Draft) => void) => void;

function clientMoves({ clients, channels }: Setting, keepers: number, add: Add): void {
  for (const [index, { dials, sends, moved, state }] of clients.entries()) {
    if (moved) continue;
    const dialling = channels.some(({ client, clientHolds }) => client === index && clientHolds);
    // A second channel while the first one lives is a move.
    if (dials > 0 && (!dialling || state.active !== 0)) for (let keeper = 0; keeper < keepers; keeper += 1) add(`c${index} dials k${keeper}`, (next) => { dial(next, index, keeper); });
    if (sends > 0) {
      add(`c${index} sends`, (next) => {
        tellClient(next, index, (machine) => { machine.send(`c${index}.${sends}`); });
        next.clients[index] = { ...(next.clients[index] as Holder), sends: sends - 1 }; // There it is.
      });
    }
  }
}

function channelMoves(setting: Setting, add: Add): void {
  for (const { number, client, up, down, clientHolds, peer } of setting.channels) {
    if (peer !== undefined && !peer.parted) {
      if (up.length > 0) add(`#${number} ↑`, (next) => { arrive(next, number); });
      else if (!clientHolds && client >= 0) add(`#${number} ends at its keeper`, (next) => { endAtKeeper(next, number); });
    }
    if (clientHolds && down.length > 0) add(`#${number} ↓`, (next) => { deliver(next, number); });
    else if (clientHolds && (peer === undefined || peer.parted)) add(`#${number} ends at its client`, (next) => { endAtClient(next, number); });
    if (peer === undefined) continue;
    if (peer.asked.length > 0) add(`the store hears #${number}`, (next) => { hear(next, number); });
    if (peer.answers.length > 0) add(`#${number} hears the store`, (next) => { answer(next, number); });
    if (setting.says > 0 && peer.state.stage.phase === "attached") add(`#${number} says something`, (next) => {
      next.says -= 1;
      tellKeeper(next, number, (machine) => { machine.send(`s.${setting.says}`, 0); });
    });
  }
}

function dial(next: Draft, client: number, keeper: number): void {
  const number = 1 + Math.max(0, ...next.channels.map((channel) => channel.number));
  next.channels.push({ number, client, keeper, up: [], down: [], clientHolds: true, peer: undefined });
  tellKeeper(next, number, () => {});
  tellClient(next, client, (machine) => { machine.started(number, { endpoint: `k${keeper}`, secure: true, auth: new Uint8Array(0), frameMax: 65_536 }, 0); });
  const holder = next.clients[client] as Holder; // There it is.
  next.clients[client] = { ...holder, dials: holder.dials - 1 };
}

function arrive(next: Draft, number: number): void {
  const [frame, ...up] = channelAt(next, number).up;
  change(next, number, { up });
  if (frame !== undefined) tellKeeper(next, number, (machine) => { machine.frame(frame, 0); });
}

function deliver(next: Draft, number: number): void {
  const { down: [frame, ...down], client } = channelAt(next, number);
  change(next, number, { down });
  if (frame !== undefined) tellClient(next, client, (machine) => { machine.frame(number, frame, 0); });
}

function endAtKeeper(next: Draft, number: number): void {
  tellKeeper(next, number, (machine) => { machine.ended(0); });
  const { peer } = channelAt(next, number);
  if (peer !== undefined) change(next, number, { peer: { ...peer, parted: true } });
}

function endAtClient(next: Draft, number: number): void {
  const { client } = channelAt(next, number);
  change(next, number, { clientHolds: false, down: [] });
  tellClient(next, client, (machine) => { machine.ended(number); });
}

function hear(next: Draft, number: number): void {
  const { peer } = channelAt(next, number);
  const [order, ...asked] = peer?.asked ?? [];
  if (peer === undefined || order === undefined) return;
  next.store = copy(next.store);
  const given = carryOut(next.store, order, { from: peer.from, messages: peer.handed });
  change(next, number, { peer: { ...peer, asked, answers: [...peer.answers, { order, answer: given }] } });
}

function answer(next: Draft, number: number): void {
  const { peer } = channelAt(next, number);
  const [first, ...answers] = peer?.answers ?? [];
  if (peer === undefined || first === undefined) return;
  change(next, number, { peer: { ...peer, answers } });
  tellKeeper(next, number, (machine) => { machine.answered(first.order, first.answer, 0); });
}

/** All channels of a keeper die. What it had asked of the store may happen or not: it may have happened just before. */
function crash(next: Draft, keeper: number): void {
  next.crashes -= 1;
  for (const { number, keeper: at, up, peer } of next.channels) {
    if (at !== keeper || peer === undefined) continue;
    record(next, up);
    change(next, number, { peer: undefined, up: [], down: [] });
  }
}

/** A greeting that never arrived is in somebody's hands. */
function record(next: Draft, up: readonly Uint8Array[]): void {
  const greeting = up.find((frame) => (frame[0] ?? 0) % 16 === 3);
  if (greeting !== undefined && next.lates > 0 && !next.recorded.includes(greeting)) next.recorded.push(greeting);
}

function replay(next: Draft, at: number, keeper: number): void {
  const greeting = next.recorded[at];
  next.recorded.splice(at, 1);
  next.lates -= 1;
  if (greeting === undefined) return;
  const number = 1 + Math.max(0, ...next.channels.map((channel) => channel.number));
  next.channels.push({ number, client: -1, keeper, up: [], down: [], clientHolds: false, peer: undefined });
  tellKeeper(next, number, (machine) => { machine.frame(greeting, 0); });
}

/** Channels that nobody holds any more, and machines that are over, make no difference. */
function sweep(next: Draft): void {
  next.channels = next.channels.filter(({ clientHolds, peer }) => clientHolds || (peer !== undefined && !(peer.state.stage.phase === "over" && peer.asked.length === 0)));
}
