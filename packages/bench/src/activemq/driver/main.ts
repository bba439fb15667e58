// Our client in a process of its own: sends a persistent message, waits for its receipt and for the message itself, and so on. After each
// loss it says, in a line of JSON, when it was told, when the first receipt came and when the first message: Failover.java says the same.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { ActiveMq } from "@examples/activemq";
import { monotonic } from "../../monotonic.ts";

/** What became of a loss. `inFlight`: the number of the message that was on its way: whatever comes from before it may be old. */
interface Loss { readonly told: number; readonly inFlight: number; receipt?: number; delivery?: number }

const [endpoints = "", queue = ""] = process.argv.slice(2);
const client = new ActiveMq({ endpoints, logger: false });
let loss: Loss | undefined;
let sending = 0;
let confirmed = 0;
let delivered = 0;
let wake = Promise.withResolvers<void>();

client.link.on("disconnected", () => {
  loss = { told: monotonic(), inFlight: confirmed + 1 };
  wake.resolve();
});
client.subscribe(`/queue/${queue}`, (delivery) => {
  const number = Number(delivery.headers.get("number"));
  delivered = Math.max(delivered, number);
  if (loss && number >= loss.inFlight) loss.delivery ??= monotonic();
  delivery.ack();
  tell();
  wake.resolve();
});
await client.open();
createInterface({ input: process.stdin })
  .on("line", (uri) => { void warm(uri); })
  .on("close", () => { process.exit(); }); // Nobody is left to serve.

for (;;) {
  sending += 1;
  await client.send(`/queue/${queue}`, "hello", { headers: { number: String(sending) } });
  confirmed = sending;
  if (loss) loss.receipt ??= monotonic();
  if (sending === 1) console.log(JSON.stringify({ ready: true }));
  tell();
  // Until it has come back to us, or cannot any more.
  while (delivered < sending && loss === undefined) {
    await wake.promise;
    wake = Promise.withResolvers<void>();
  }
  await sleep(5);
}

/** What any other client of that broker does: messages, there and back. */
async function warm(uri: string): Promise<void> {
  await using other = new ActiveMq({ endpoints: uri, logger: false });
  let heard = Promise.withResolvers<void>();
  other.subscribe("/queue/others", (delivery) => {
    delivery.ack();
    heard.resolve();
  });
  await other.open();
  for (let round = 0; round < 20; round += 1) {
    heard = Promise.withResolvers<void>();
    await other.send("/queue/others", "hello");
    await heard.promise;
  }
  console.log(JSON.stringify({ warm: true }));
}

/** One line for each loss, when everything works again. */
function tell(): void {
  if (loss?.receipt === undefined || loss.delivery === undefined) return;
  const { told, receipt, delivery } = loss;
  console.log(JSON.stringify({ told, receipt, delivery }));
  loss = undefined;
}
