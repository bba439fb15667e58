// A client in a process of its own. It is told what to do, and answers, in lines of JSON: Driver.java understands the same.
import { createInterface } from "node:readline";
import { Holder, type HoldOrder, type WriteOrder } from "./contest.ts";
import { holdfastSession } from "./holdfast.ts";
import { load, type LoadOrder } from "./load.ts";
import { nodeZooKeeperClientSession } from "./node-zookeeper-client.ts";
import { rawSession } from "./raw.ts";
import { settled, type MakeSession } from "./session.ts";
import { User, type Fared } from "./user.ts";
import { weigh, type WeighOrder } from "./weight.ts";

interface UseOrder { readonly servers: string; readonly timeout: number; readonly count: number; readonly path: string; readonly ephemeral: string }
interface FareOrder { readonly at: number; readonly within: number; readonly everybody: boolean; readonly attached: readonly boolean[] }

const kinds: Readonly<Record<string, MakeSession>> = { holdfast: holdfastSession, "node-zookeeper-client": nodeZooKeeperClientSession, raw: rawSession };
const make = kinds[process.argv[2] ?? ""] ?? rawSession;

let users: readonly User[] = [];
let use: UseOrder | undefined;
let holder: Holder | undefined;

/** What may be ordered. The parent sends what each expects. */
const jobs: Readonly<Record<string, (order: never) => Promise<unknown>>> = {
  use: async (order: UseOrder): Promise<readonly string[]> => {
    use = order;
    users = await Promise.all(Array.from({ length: order.count }, (_, at) => begin(order, at)));
    return users.map(({ session }) => session.id);
  },
  arm: async ({ path }: { readonly path: string }): Promise<void> => { await Promise.all(users.map((user) => user.arm(path))); },
  mark: async (): Promise<void> => { for (const user of users) user.mark(); },
  fare: ({ at, within, everybody, attached }: FareOrder): Promise<readonly Fared[]> => Promise.all(users.map((user, index) => {
    const wasAttached = attached[index] ?? false;
    return user.fare(at, wasAttached, wasAttached || everybody ? within : 0);
  })),
  fired: async (): Promise<readonly boolean[]> => users.map(({ fired }) => fired),
  ids: async (): Promise<readonly string[]> => users.map(({ session }) => session.id),
  renew: async (): Promise<readonly string[]> => {
    const order = use;
    if (order) users = await Promise.all(users.map(async (user, at) => (user.over === null ? user : await begin(order, at))));
    return users.map(({ session }) => session.id);
  },
  load: (order: LoadOrder) => load(make, order),
  weigh: (order: WeighOrder) => weigh(make, order),
  hold: async (order: HoldOrder): Promise<string> => {
    holder = new Holder(make, order);
    await holder.session.open();
    return holder.session.ticket();
  },
  write: async (order: WriteOrder) => holder?.write(order),
};

async function begin(order: UseOrder, at: number): Promise<User> {
  const user = new User(make, order);
  await user.session.open();
  await settled((done) => { user.session.createEphemeral(`${order.ephemeral}${at}-${user.session.id}`, done); });
  user.start();
  return user;
}

createInterface({ input: process.stdin })
  .on("line", (line) => { void answer(line); })
  .on("close", () => { process.exit(); }); // Nobody is left to serve.

async function answer(line: string): Promise<void> {
  const { id, job, order } = JSON.parse(line) as { id: number; job: string; order: never }; // As driver-process.ts writes it.
  try {
    console.log(JSON.stringify({ id, result: await jobs[job]?.(order) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ id, error: String(error) }));
  }
}
