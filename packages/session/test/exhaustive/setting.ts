import type { ClientPolicy } from "../../src/client/client-host.ts";
import { newClient, type ClientState } from "../../src/client/client-state.ts";
import type { Message } from "../../src/frames/frame.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { KeeperPolicy } from "../../src/keeper/machine/keeper-policy.ts";
import type { KeeperState } from "../../src/keeper/machine/keeper-state.ts";
import { sameBytes } from "../../src/proof/same-bytes.ts";
import { cheapHmac } from "../simulation/hmac.ts";
import { generation, secret, type StoreState } from "./model-store.ts";

/** Everything there is, as plain data. What is not touched by a move is shared by the settings before and after it. */
export interface Setting {
  readonly store: StoreState;
  readonly clients: readonly Holder[];
  readonly channels: readonly Channel[];
  /** Greetings of channels that are dead, for whoever recorded them. */
  readonly recorded: readonly Uint8Array[];
  readonly crashes: number;
  readonly lates: number;
  /** Messages that the keepers' application will still hand over. */
  readonly says: number;
}

export interface Holder {
  readonly state: ClientState;
  /** What its application got, and the number before the first of it. */
  readonly delivered: readonly Message[];
  readonly from: number;
  readonly dials: number;
  /** Messages that its application will still send. */
  readonly sends: number;
  readonly moved: boolean;
  /** Was the only one to use the credential. */
  readonly alone: boolean;
}

export interface Channel {
  readonly number: number;
  /** -1: nobody, it was replayed. */
  readonly client: number;
  readonly keeper: number;
  readonly up: readonly Uint8Array[];
  readonly down: readonly Uint8Array[];
  /** Whether each side still holds it. */
  readonly clientHolds: boolean;
  readonly peer: Peer | undefined;
}

export interface Peer {
  readonly state: KeeperState;
  readonly handed: readonly Message[];
  readonly from: number;
  /** Orders to the store that it has not seen yet, and answers on their way. */
  readonly asked: readonly KeeperOrder[];
  readonly answers: readonly { readonly order: KeeperOrder; readonly answer: KeeperAnswer }[];
  /** The channel is gone, and it has heard so. */
  readonly parted: boolean;
}

/** How much of everything there is in a search. */
export interface Bounds { readonly holders: 1 | 2; readonly keepers: number; readonly sends: readonly number[]; readonly says: number; readonly dials: readonly number[]; readonly crashes: number; readonly lates: number }

const grant = { frameMax: 65_536, windowMessages: 16, windowBytes: 65_536 } as const;

export const clientPolicy: ClientPolicy = {
  hmac: cheapHmac, wallClock: () => 100, timeout: 1e9, grant, allowPlaintext: true, onEnd: "close",
  ackAfter: { messages: 1, delay: 250 }, outbox: { maxMessages: 16, maxBytes: 65_536 }, drainTimeout: 1e9,
};
/** So small a window acknowledges every message at once: there are no alarms then, and a search needs no time. */
export const keeperPolicy: KeeperPolicy = {
  hmac: cheapHmac, equal: sameBytes, allowPlaintext: true, timeoutMin: 1, timeoutMax: 1e9, timeoutUsual: 1e9, heartbeatMax: 1e9,
  grant: { ...grant, windowMessages: 4 }, maxBytes: 65_536, handlerRetries: 9,
};

/** A session that is opened, and nobody attached: the holders have its ticket. */
export function begin({ holders, sends, says, dials, crashes, lates }: Bounds): Setting {
  const clients = Array.from({ length: holders }, (_, at): Holder => {
    const state = newClient();
    state.credential = { id: new Uint8Array(16).fill(1), secret, generation, timeout: 1e9 };
    state.epoch = 1;
    // The second one goes on with a ticket that was written before.
    state.restarted = at > 0;
    state.provenAt = 0;
    return { state, delivered: [], from: 0, dials: dials[at] ?? 0, sends: sends[at] ?? 0, moved: false, alone: holders === 1 };
  });
  return { store: { epoch: 1, attach: 0, received: 0, acked: 0, appended: [], committed: [] }, clients, channels: [], recorded: [], crashes, lates, says };
}
