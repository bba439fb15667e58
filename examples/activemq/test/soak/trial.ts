import { setTimeout as sleep } from "node:timers/promises";
import { constant, type Random } from "@holdfast/core";
import type { Broker } from "@holdfast/test-servers";
import { ActiveMq, type ActiveMqOptions } from "../../src/client/index.ts";
import { Ledger } from "./ledger.ts";

export interface TrialOptions {
  readonly brokers: readonly [Broker, Broker];
  readonly messages: number;
  readonly kills: number;
  readonly random: Random;
  readonly say?: (line: string) => void;
}

export interface Verdict {
  readonly receipts: number;
  readonly deliveries: number;
  readonly lost: readonly string[];
  readonly duplicates: { readonly redelivered: number; readonly resent: number; readonly unmarked: readonly string[] };
  /** Sends that were written more than once, and acks that came too late. */
  readonly sentAgain: number;
  readonly lateAcks: number;
  /** Connections of the consumer, and those of them on which it heard nothing though something was sent. */
  readonly connections: number;
  readonly deaf: number;
}

const queue = "/queue/trial";
/** Sends without a receipt at a time. */
const window = 50;
const beats = { sendEvery: 500, hearEvery: 500 } as const;

/** Sends persistent messages and kills, in the middle of them, the broker that takes them: one of the two, then the other, each restarted on its own store. */
export async function trial({ brokers, messages, kills, random, say = () => {} }: TrialOptions): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const client = (endpoints: ActiveMqOptions["endpoints"]): ActiveMq => stack.use(new ActiveMq({ endpoints, shuffle: false, backoff: constant(50), logger: false, ...beats }));
  const both = brokers.map(({ stomp }) => stomp);
  const [producer, consumer] = [client(both), client(both)];
  const ledger = new Ledger();
  const heard = consume(consumer, ledger);
  await Promise.all([producer.open(), consumer.open()]);

  let sent = 0;
  for (let round = 0; round <= kills; round += 1) {
    const upTo = Math.round((messages * (round + 1)) / (kills + 1));
    const killAt = sent + Math.ceil((upTo - sent) * (0.1 + 0.6 * random()));
    const sending = produce(producer, ledger, sent, upTo);
    if (round < kills) {
      while (ledger.receipts < killAt) await sleep(1);
      const victim = brokers.find(({ stomp }) => stomp === producer.link.endpoint) ?? brokers[0];
      await victim.kill();
      await Promise.all([producer.link.ready(), consumer.link.ready()]);
      await victim.start();
      await victim.serving();
    }
    await sending;
    sent = upTo;
    say(`${round} kills: ${ledger.receipts} receipts, ${ledger.deliveries} deliveries, ${producer.pending.resent} sent again, ${ledger.redelivered} redelivered`);
  }

  // What is left on the broker that the consumer is not on.
  for (const stomp of both) {
    if (stomp === consumer.link.endpoint) continue;
    const rest = client(stomp);
    consume(rest, ledger);
    await rest.open();
  }
  await quiet(ledger);
  return {
    receipts: ledger.receipts, deliveries: ledger.deliveries, lost: ledger.lost,
    duplicates: { redelivered: ledger.redelivered, resent: ledger.resent, unmarked: ledger.unmarked },
    sentAgain: producer.pending.resent, lateAcks: ledger.lateAcks,
    connections: heard.size, deaf: [...heard.values()].filter((count) => count === 0).length,
  };
}

/** Resolves when all have a receipt. Rejects when one is refused. */
async function produce(producer: ActiveMq, ledger: Ledger, from: number, upTo: number): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    while (next < upTo) {
      const body = `message ${next += 1}`;
      await producer.send(queue, body);
      ledger.receipt(body);
    }
  };
  await Promise.all(Array.from({ length: window }, work));
}

/** Acks a little later than it hears, so that a kill finds some without an ack. Returns how much each connection heard. */
function consume(consumer: ActiveMq, ledger: Ledger): ReadonlyMap<number, number> {
  const heard = new Map<number, number>();
  let epoch = 0;
  consumer.link.on("connected", (event) => { heard.set(epoch = event.epoch, 0); });
  consumer.subscribe(queue, (delivery) => {
    heard.set(epoch, (heard.get(epoch) ?? 0) + 1);
    ledger.delivery(delivery);
    setTimeout(() => { if (!delivery.ack()) ledger.lateAcks += 1; }, 3);
  });
  return heard;
}

/** Resolves when nothing has come for a while: everything is lost that has not. */
async function quiet(ledger: Ledger): Promise<void> {
  for (let [before, since] = [-1, performance.now()]; performance.now() - since < 2_000; await sleep(20)) {
    if (ledger.deliveries !== before) [before, since] = [ledger.deliveries, performance.now()];
  }
}
