import { Violation } from "../simulation/violation.ts";
import { claimOf } from "./claims.ts";
import { nextNumber, tellClient, type ClientNews } from "./client-step.ts";
import { fresh, hearAsked, tellKeeper, type KeeperNews } from "./keeper-step.ts";
import type { Fence } from "./model-store.ts";
import { frameOf, type Channel, type Client, type Frame, type Peer, type Setting } from "./setting.ts";

/** Something that may happen now. `at`: the place of a client, of a channel, of a recorded greeting. */
export type Move =
  | { readonly type: "dial"; readonly at: number; readonly keeper: number; /** What the client's wall clock shows. */ readonly clock: number }
  | { readonly type: "send" | "up" | "down" | "endAtKeeper" | "endAtClient" | "hear" | "answer" | "say"; readonly at: number }
  | { readonly type: "crash"; readonly keeper: number }
  | { readonly type: "late"; readonly at: number; readonly keeper: number };

/** All that may happen next. */
export function movesOf(setting: Setting, keepers: number): readonly Move[] {
  const moves: Move[] = [];
  for (const [at, client] of setting.clients.entries()) if (!client.gone) clientMoves(setting, client, at, keepers, moves);
  for (const [at, channel] of setting.channels.entries()) channelMoves(setting, channel, at, moves);
  for (let keeper = 0; keeper < keepers; keeper += 1) {
    if (setting.crashes > 0 && setting.channels.some((channel) => channel.keeper === keeper && channel.peer !== undefined)) moves.push({ type: "crash", keeper });
    for (const at of setting.recorded.keys()) if (setting.lates > 0) moves.push({ type: "late", at, keeper });
  }
  return moves;
}

function clientMoves(setting: Setting, { dials, held, sends, state }: Client, at: number, keepers: number, moves: Move[]): void {
  // A second channel while the first one lives is a move.
  if (dials > 0 && (held.length === 0 || state.active !== 0)) {
    const latest = latestAttach(setting);
    for (let keeper = 0; keeper < keepers; keeper += 1) {
      moves.push({ type: "dial", at, keeper, clock: latest + 1 });
      // A clock that is behind: the number is the next one that this client has not used, which others may have.
      if (latest > state.lastAttach) moves.push({ type: "dial", at, keeper, clock: 0 });
    }
  }
  if (sends > 0 && (dials > 0 || held.length > 0)) moves.push({ type: "send", at });
}

/** The highest attach number that somebody may still speak of. */
function latestAttach({ store, clients, channels, recorded }: Setting): number {
  let latest = store.attach;
  for (const { gone, dials, held, state } of clients) if (!gone && (dials > 0 || held.length > 0)) latest = Math.max(latest, state.lastAttach);
  for (const { up, peer } of channels) {
    const order = peer?.asked[0];
    if (order?.type === "attach") latest = Math.max(latest, order.claim.attach);
    for (const frame of up) latest = Math.max(latest, claimOf(frame)?.claim.attach ?? 0);
  }
  for (const frame of recorded) latest = Math.max(latest, claimOf(frame)?.claim.attach ?? 0);
  return latest;
}

function channelMoves({ says }: Setting, { client, up, down, peer }: Channel, at: number, moves: Move[]): void {
  if (peer !== undefined && !peer.parted) {
    if (up.length > 0) moves.push({ type: "up", at });
    else if (client < 0) moves.push({ type: "endAtKeeper", at });
  }
  if (client >= 0 && down.length > 0) moves.push({ type: "down", at });
  else if (client >= 0 && (peer === undefined || peer.parted)) moves.push({ type: "endAtClient", at });
  if (peer === undefined) return;
  if (peer.asked.length > 0) moves.push({ type: "hear", at });
  if (peer.answers.length > 0) moves.push({ type: "answer", at });
  if (says > 0 && peer.state.stage.phase === "attached") moves.push({ type: "say", at });
}

/** The setting after a move. */
export function make(setting: Setting, move: Move, fence: Fence): Setting {
  switch (move.type) {
    case "send": return clientTold(setting, move.at, { type: "send" });
    case "dial": return dial(setting, move);
    case "endAtClient": {
      const { client, number } = channelAt(setting, move.at);
      return clientTold(withChannel(setting, move.at, { client: -1, down: [] }), client, { type: "end", number });
    }
    case "down": {
      const { client, number, down: [frame, ...down] } = channelAt(setting, move.at);
      return clientTold(withChannel(setting, move.at, { down }), client, { type: "frame", number, frame: frame as Frame }); // The move is there because the frame is.
    }
    case "up": {
      const [frame, ...up] = channelAt(setting, move.at).up;
      return keeperTold(withChannel(setting, move.at, { up }), move.at, { type: "frame", frame: frame as Frame }); // Likewise.
    }
    case "endAtKeeper": return keeperTold(setting, move.at, { type: "end" });
    case "answer": return keeperTold(setting, move.at, { type: "answer" });
    case "say": return keeperTold({ ...setting, says: setting.says - 1 }, move.at, { type: "say", number: setting.says });
    case "hear": {
      const { peer, store } = hearAsked(peerAt(setting, move.at), setting.store, fence);
      return swept({ ...withChannel(setting, move.at, { peer }), store });
    }
    case "crash": return crash(setting, move.keeper);
    case "late": return replay(setting, move.at, move.keeper);
    default: return move satisfies never;
  }
}

export function wordsOf({ channels, clients }: Setting, move: Move): string {
  const where = (at: number): string => {
    const { client, number, keeper } = channels[at] as Channel; // The move names it.
    return `${client < 0 ? "somebody's channel" : `${clients[client]?.name}'s channel ${number}`} at k${keeper}`;
  };
  switch (move.type) {
    case "send": return `${clients[move.at]?.name} sends`;
    case "dial": return `${clients[move.at]?.name} dials k${move.keeper}${move.clock === 0 ? ", its clock is behind" : ""}`;
    case "crash": return `k${move.keeper} crashes`;
    case "late": return `greeting ${move.at} comes late to k${move.keeper}`;
    default: return `${move.type}: ${where(move.at)}`;
  }
}

function channelAt({ channels }: Setting, at: number): Channel {
  return channels[at] as Channel; // A move names one that is there.
}

function peerAt(setting: Setting, at: number): Peer {
  return channelAt(setting, at).peer as Peer; // A move names one that is there.
}

function withChannel(setting: Setting, at: number, fields: Partial<Channel>): Setting {
  return { ...setting, channels: setting.channels.with(at, { ...channelAt(setting, at), ...fields }) };
}

function dial(setting: Setting, { at, keeper, clock }: Move & { readonly type: "dial" }): Setting {
  const number = nextNumber(setting.clients[at] as Client); // A move names one that is there.
  const channel: Channel = { number, client: at, keeper, up: [], down: [], peer: fresh };
  return clientTold({ ...setting, channels: [...setting.channels, channel] }, at, { type: "dial", keeper, clock });
}

/** What a client sends goes on its way, and what it delivers is compared with the store. */
function clientTold(setting: Setting, at: number, news: ClientNews): Setting {
  const { client, sent, letGo, delivered } = tellClient(setting.clients[at] as Client, news); // A move names one that is there.
  const { store } = setting;
  for (const { sequence, message } of delivered) if (store.appended[sequence - 1] !== message) throw new Violation("I2", `delivers ${String(message)} as ${sequence}`);
  const { outgoing, restarted } = client.state;
  if (outgoing.base > store.received && !restarted) throw new Violation("I12", `${outgoing.base} messages acknowledged, ${store.received} committed`);
  const channels = setting.channels.map((channel): Channel => {
    if (channel.client !== at) return channel;
    const frames = sent.filter(({ number }) => number === channel.number).map(({ frame }) => frame);
    const up = frames.length > 0 && alive(channel) ? [...channel.up, ...frames] : channel.up;
    if (letGo.includes(channel.number)) return { ...channel, client: -1, up, down: [] };
    return up === channel.up ? channel : { ...channel, up };
  });
  return swept({ ...setting, clients: setting.clients.with(at, client), channels });
}

function keeperTold(setting: Setting, at: number, news: KeeperNews): Setting {
  const channel = channelAt(setting, at);
  const { peer, sent } = tellKeeper(peerAt(setting, at), setting.store, news);
  return swept(withChannel(setting, at, { peer, ...(sent.length > 0 && channel.client >= 0 && { down: [...channel.down, ...sent] }), ...(peer.parted && { up: [] }) }));
}

/** All channels of a keeper die. What it had asked of the store may happen or not: it may have happened just before. */
function crash(setting: Setting, keeper: number): Setting {
  const recorded = [...setting.recorded];
  const channels = setting.channels.map((channel): Channel => {
    if (channel.keeper !== keeper || channel.peer === undefined) return channel;
    const greeting = unheard(channel);
    if (greeting !== undefined && setting.lates > 0 && !recorded.includes(greeting)) recorded.push(greeting);
    return { ...channel, peer: undefined, up: [], down: [] };
  });
  return swept({ ...setting, crashes: setting.crashes - 1, recorded, channels });
}

/** A greeting that the store has not heard of is in somebody's hands. */
function unheard({ up, peer }: Channel): Frame | undefined {
  const { stage } = peer?.state ?? {};
  if (stage?.phase === "attaching" && peer?.asked.length === 1) return frameOf(stage.frame);
  return up.find((frame) => claimOf(frame) !== undefined);
}

function replay(setting: Setting, at: number, keeper: number): Setting {
  const greeting = setting.recorded[at] as Frame; // A move names one that is there.
  const channel: Channel = { number: 0, client: -1, keeper, up: [greeting], down: [], peer: fresh };
  return { ...setting, lates: setting.lates - 1, recorded: setting.lates > 1 ? setting.recorded.toSpliced(at, 1) : [], channels: [...setting.channels, channel] };
}

function alive({ peer }: Channel): boolean {
  return peer !== undefined && !peer.parted;
}

/** Machines that are over make no difference, nor channels that nobody holds any more. */
function swept(setting: Setting): Setting {
  const { channels } = setting;
  if (!channels.some(isSpent)) return setting;
  return { ...setting, channels: channels.filter((channel) => channel.client >= 0 || !isSpent(channel)).map((channel) => (isSpent(channel) ? { ...channel, peer: undefined, up: [] } : channel)) };
}

function isSpent({ client, down, peer }: Channel): boolean {
  if (peer === undefined) return client < 0;
  return peer.state.stage.phase === "over" && peer.asked.length === 0 && down.length === 0;
}
