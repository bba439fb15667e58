import { codes } from "../../src/frames/codes.ts";
import type { Channel } from "@holdfast/core";
import { openFrame, pong, read } from "../keeper/scripted-client.ts";
import type { HoarderAsked, HoarderOrder, HoarderTold } from "./hoarder-server.ts";
import { dialled } from "./raw-visit.ts";
import { forked, heard, killed } from "./remote-station.ts";

export interface HoardersGiven {
  readonly sessions: number;
  /** The keeper's `maxBytes`: what one client may leave unacknowledged. */
  readonly maxBytes: number;
  readonly messageBytes?: number;
  /** How often everything is poured again once all are full. */
  readonly rounds?: number;
}
export interface HoardersFound {
  readonly sessions: number;
  /** Still connected and attached at the end. */
  readonly attached: number;
  /** `sessions` times `maxBytes`: what the messages may weigh. */
  readonly bound: number;
  /** What the store accepted, in bytes of messages. */
  readonly kept: number;
  /** What the keeper's process weighed above its idle sessions when all were full, and after each further pouring. */
  readonly full: number;
  readonly later: readonly number[];
  /** Messages that were refused in the further pourings, and those that were taken. */
  readonly refused: number;
  readonly taken: number;
  /** Of an idle session, in bytes. */
  readonly idle: number;
}

/** Clients that read everything, answer pings, and acknowledge nothing, each on a TCP connection of its own. */
export async function hoarders({ sessions, maxBytes, messageBytes = 1_024, rounds = 3 }: HoardersGiven): Promise<HoardersFound> {
  await using stack = new AsyncDisposableStack();
  const server = forked("./hoarder-server.ts", { messageBytes, maxBytes } satisfies HoarderOrder);
  stack.defer(() => killed(server));
  const ask = (asked: HoarderAsked): Promise<HoarderTold> => {
    const told = heard<HoarderTold>(server);
    server.send(asked);
    return told;
  };
  const empty = await heard<HoarderTold>(server);
  const channels: Channel[] = [];
  stack.defer(() => { for (const channel of channels) channel.abort(new Error("that was all")); });
  for (let at = 0; at < sessions; at += 50) channels.push(...await Promise.all(Array.from({ length: Math.min(50, sessions - at) }, () => hoarder(empty.uri))));
  const idle = await ask("weigh");
  const full = await ask("pour");
  const later: HoarderTold[] = [];
  for (let round = 0; round < rounds; round += 1) later.push(await ask("pour"));
  return {
    sessions, attached: later.at(-1)?.sessions ?? 0, bound: sessions * maxBytes, kept: full.taken * messageBytes, full: full.weight - idle.weight,
    later: later.map(({ weight }) => weight - idle.weight), refused: later.reduce((sum, one) => sum + one.refused, 0), taken: later.reduce((sum, one) => sum + one.taken, 0),
    idle: (idle.weight - empty.weight) / sessions,
  };
}

/** Resolves when its session is open. */
async function hoarder(uri: string): Promise<Channel> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let channel: Channel | undefined;
  channel = await dialled(uri, (bytes) => {
    if ((bytes[0] ?? 0) === data || (bytes[0] ?? 0) === dataAsText) return; // Most of what comes: read, and that is all.
    const frame = read(bytes);
    if (frame.type === "opened") resolve();
    else if (frame.type === "ping") channel?.send(pong(frame.nonce));
    else if (frame.type === "refused" || (frame.type === "close" && frame.code !== codes.normal)) reject(new Error(`a hoarder was told ${frame.type} (${frame.code})`));
  }, () => { reject(new Error("a hoarder lost its connection")); });
  channel.send(openFrame({ timeout: 600_000 }));
  await promise;
  return channel;
}

const data = 0x06;
const dataAsText = 0x46;
