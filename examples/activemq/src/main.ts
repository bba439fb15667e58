// Orders through two real ActiveMQ brokers, of which one is killed, then the other, and one stands still: the subscription comes back
// by itself, and no order is lost.
//
//     node scripts/dev.mjs pnpm -C examples/activemq start
//
// Takes Java and ActiveMQ (on Debian: default-jdk-headless, libactivemq-java). README.md says what is guaranteed, and what is not.
import { setTimeout as sleep } from "node:timers/promises";
import { constant } from "@holdfast/core";
import { Broker } from "@holdfast/test-servers";
import { ActiveMq } from "./client/index.ts";
import { Shop } from "./shop.ts";

await using stack = new AsyncDisposableStack();
const user = { login: "shop", passcode: "open sesame" };
const [anna, ben] = await Promise.all([Broker.start({ name: "Anna", user }), Broker.start({ name: "Ben", user })]);
stack.use(anna);
stack.use(ben);
const client = stack.use(new ActiveMq({ endpoints: [anna.stomp, ben.stomp], shuffle: false, stagger: Infinity, backoff: constant(100), sendEvery: 500, hearEvery: 500, ...user }));
const name = (): string => (client.link.endpoint === anna.stomp ? "Anna" : "Ben");
client.link.on("connected", () => { console.log(`connected to ${name()}`); });
client.link.on("disconnected", ({ cause }) => { console.log(`lost the broker: ${cause}`); });
await client.open();

const shop = new Shop();
shop.serve(client);
const end = new AbortController();
const customer = (async () => {
  let ordered = 0;
  for (; !end.signal.aborted; await sleep(2)) {
    await client.send("/queue/orders", `order ${ordered + 1}`); // Resolves when a broker has it on its disk.
    ordered += 1;
  }
  return ordered;
})();

for (const broker of [anna, ben]) {
  await sleep(300);
  console.log(`killing ${broker.name}`);
  await broker.kill();
  await sleep(300);
  await broker.start(); // On the store that it had.
  await broker.serving();
}
console.log("Anna stands still");
anna.freeze();
await new Promise((resolve) => { client.link.once("disconnected", resolve); });
await sleep(300);
anna.thaw();

end.abort();
const ordered = await customer;
console.log("asking Anna for what she kept");
const other = stack.use(new ActiveMq({ endpoints: anna.stomp, ...user }));
await other.open();
shop.serve(other);
await sleep(500);
console.log(shop.orders === ordered ? "every order was worked on once" : `${ordered} orders, ${shop.orders} of them worked on`);
