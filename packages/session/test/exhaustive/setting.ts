import type { ClientPolicy } from "../../src/client/client-host.ts";
import { newClient, type ClientState } from "../../src/client/client-state.ts";
import type { Message } from "../../src/frames/frame.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { KeeperPolicy } from "../../src/keeper/machine/keeper-policy.ts";
import type { KeeperState } from "../../src/keeper/machine/keeper-state.ts";
import { sameBytes } from "../../src/proof/same-bytes.ts";
import { cheapHmac } from "../simulation/hmac.ts";
import { generation, secret, store, type Store } from "./model-store.ts";
import { Pool } from "./pool.ts";

/** Everything there is. Its parts are plain data, one object for all that are equal (see `Pool`), and are replaced, never changed. */
export interface Setting {
  readonly store: Store;
  readonly clients: readonly Client[];
  /** In the order in which they began. */
  readonly channels: readonly Channel[];
  /** Greetings of channels that are dead, for whoever recorded them. */
  readonly recorded: readonly Frame[];
  readonly crashes: number;
  readonly lates: number;
  /** Messages that the keepers' application will still hand over. */
  readonly says: number;
}

/** One of the holders of the credential. */
export interface Client {
  readonly name: string;
  readonly state: ClientState;
  /** Numbers of the channels that it has not let go. */
  readonly held: readonly number[];
  /** Number of the last message that its application got. */
  readonly delivered: number;
  readonly dials: number;
  /** Messages that its application will still send. */
  readonly sends: number;
  /** Was moved, or has lost its session: it says nothing more. */
  readonly gone: boolean;
  /** Is the only one to use the credential. */
  readonly alone: boolean;
}

export interface Channel {
  /** As its client knows it. */
  readonly number: number;
  /** -1: nobody's. Its client let it go, or it was replayed by somebody. */
  readonly client: number;
  readonly keeper: number;
  readonly up: readonly Frame[];
  readonly down: readonly Frame[];
  /** Absent: its keeper crashed. */
  readonly peer: Peer | undefined;
}

/** The keeper's side of a channel. */
export interface Peer {
  readonly state: KeeperState;
  /** The messages that its application got; the first has the number `from + 1`. */
  readonly handed: readonly Message[];
  readonly from: number;
  /** Orders to the store that it has not seen yet, and answers on their way. */
  readonly asked: readonly KeeperOrder[];
  readonly answers: readonly { readonly order: KeeperOrder; readonly answer: KeeperAnswer }[];
  /** The channel is gone, and it has heard so. */
  readonly parted: boolean;
}

export interface Frame { readonly bytes: Uint8Array }

/** How much of everything there is in a search. */
export interface Bounds { readonly holders: 1 | 2; readonly keepers: number; readonly sends: readonly number[]; readonly says: number; readonly dials: readonly number[]; readonly crashes: number; readonly lates: number }

const frames = new Pool<Frame>(({ bytes }) => String.fromCharCode(...bytes));

export function frameOf(bytes: Uint8Array): Frame {
  return frames.one({ bytes });
}

const grant = { frameMax: 65_536, windowMessages: 16, windowBytes: 65_536 } as const;

export const clientPolicy: ClientPolicy = {
  hmac: cheapHmac, wallClock: () => 0, timeout: 1e9, grant, allowPlaintext: true, onEnd: "close",
  ackAfter: { messages: 1, delay: 250 }, outbox: { maxMessages: 16, maxBytes: 65_536 }, drainTimeout: 1e9,
};
/** So small a window acknowledges every message at once: there are no alarms then, and a search needs no time. */
export const keeperPolicy: KeeperPolicy = {
  hmac: cheapHmac, equal: sameBytes, allowPlaintext: true, timeoutMin: 1, timeoutMax: 1e9, timeoutUsual: 1e9, heartbeatMax: 1e9,
  grant: { ...grant, windowMessages: 4 }, maxBytes: 65_536, handlerRetries: 9,
};

/** A session that is opened, and nobody attached: the holders have its ticket. */
export function begin({ holders, sends, says, dials, crashes, lates }: Bounds): Setting {
  const clients = Array.from({ length: holders }, (_, at): Client => {
    const state = newClient();
    state.credential = { id: new Uint8Array(16).fill(1), secret, generation, timeout: 1e9 };
    state.epoch = 1;
    // The second one goes on with a ticket that was written before.
    state.restarted = at > 0;
    state.provenAt = 0;
    return { name: `c${at}`, state, held: [], delivered: 0, dials: dials[at] ?? 0, sends: sends[at] ?? 0, gone: false, alone: holders === 1 };
  });
  return { store: store({ epoch: 1, attach: 0, received: 0, acked: 0, appended: [], committed: [] }), clients, channels: [], recorded: [], crashes, lates, says };
}
