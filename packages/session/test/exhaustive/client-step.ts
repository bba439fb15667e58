import { ClientMachine } from "../../src/client/client-machine.ts";
import { Violation } from "../simulation/violation.ts";
import { copy } from "./plain.ts";
import { Pool } from "./pool.ts";
import { clientPolicy, frameOf, type Client, type Frame } from "./setting.ts";

/** What a client is told. */
export type ClientNews =
  | { readonly type: "send" }
  | { readonly type: "dial"; readonly keeper: number; /** What its wall clock shows. */ readonly clock: number }
  | { readonly type: "end"; readonly number: number }
  | { readonly type: "frame"; readonly number: number; readonly frame: Frame };

/** What comes of it. It depends on the client and the news alone, so each is worked out once. */
export interface ClientStep {
  readonly client: Client;
  readonly sent: readonly { readonly number: number; readonly frame: Frame }[];
  readonly letGo: readonly number[];
  /** For whoever knows the store: what was delivered, and as which number. */
  readonly delivered: readonly { readonly sequence: number; readonly message: unknown }[];
}

const clients = new Pool<Client>();
const steps = new WeakMap<Client, Map<string | Frame, ClientStep[]>>();

/** Nothing here takes time. */
const now = 0;

/** Each channel of a client has a number of its own. A client dials less than ten times. */
export function nextNumber({ dials }: Client): number {
  return 10 - dials;
}

export function tellClient(client: Client, news: ClientNews): ClientStep {
  let known = steps.get(client);
  if (known === undefined) steps.set(client, (known = new Map()));
  const what = news.type === "frame" ? news.frame : news.type;
  const where = news.type === "frame" || news.type === "end" ? news.number : news.type === "dial" ? 2 * news.clock + news.keeper : 0;
  let found = known.get(what);
  if (found === undefined) known.set(what, (found = []));
  return (found[where] ??= work(client, news));
}

function work(client: Client, news: ClientNews): ClientStep {
  const next = { ...client, state: copy(client.state), held: [...client.held] };
  const [sent, letGo, delivered]: [ClientStep["sent"][number][], number[], ClientStep["delivered"][number][]] = [[], [], []];
  const silent = (what: string): void => { if (next.gone) throw new Violation("I5", `a client ${what} after it was moved`); };
  const drop = (number: number): void => {
    next.held = next.held.filter((other) => other !== number);
    letGo.push(number);
  };
  const machine = new ClientMachine(news.type === "dial" ? { ...clientPolicy, wallClock: () => news.clock } : clientPolicy, {
    transmit: (number, bytes) => {
      silent("transmits");
      if (!next.held.includes(number)) throw new Violation("I8", "transmits on a channel that it let go");
      sent.push({ number, frame: frameOf(bytes) });
      return true;
    },
    greeted: () => { silent("attaches"); },
    pong: () => {},
    leave: () => {},
    drop: (number, fault) => {
      if (fault.code !== "HF_SESSION_REFUSED" && fault.code !== "HF_SESSION_IN_DOUBT") throw new Violation("I12", `${fault.code}: ${fault.words}`);
      drop(number);
    },
    done: drop,
    rest: () => { for (const number of next.held) drop(number); },
    deliver: (message, sequence) => {
      silent("delivers");
      if (sequence !== next.delivered + 1) throw new Violation("I2", `delivers ${sequence} after ${next.delivered}`);
      next.delivered = sequence;
      delivered.push({ sequence, message });
      machine.handled(sequence, now);
    },
    drained: () => {},
    tell: (report) => {
      if (report.type === "attached" && report.continuity === "restarted") next.delivered = machine.state.incoming.delivered;
      if (next.alone && (report.type === "moved" || report.type === "lost")) throw new Violation("I4", `the only holder is told ${report.type}`);
      if (report.type === "moved" || report.type === "lost" || report.type === "closed") next.gone = true;
    },
  }, next.state);
  tell(machine, next, news);
  return { client: clients.one(next), sent, letGo, delivered };
}

function tell(machine: ClientMachine, next: { -readonly [Name in keyof Client]: Client[Name] }, news: ClientNews): void {
  switch (news.type) {
    case "send":
      machine.send(`${next.name}.${next.sends}`);
      next.sends -= 1;
      return;
    case "dial": {
      const number = nextNumber(next);
      next.dials -= 1;
      next.held = [...next.held, number];
      return machine.started(number, { endpoint: `k${news.keeper}`, secure: true, auth: new Uint8Array(0), frameMax: 65_536 }, now);
    }
    case "end":
      next.held = next.held.filter((other) => other !== news.number);
      return machine.ended(news.number);
    case "frame": return machine.frame(news.number, news.frame.bytes, now);
    default: return news satisfies never;
  }
}
