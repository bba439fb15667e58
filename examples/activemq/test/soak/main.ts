// `npm run soak:activemq [-- --messages 10000 --kills 20 --seed 1]`: two real brokers killed in turn, each restarted on its own store, while
// persistent messages go through them. Ends with 1 when a message with a receipt is lost, or comes twice without a mark.
import { parseArgs } from "node:util";
import { Broker } from "@holdfast/test-servers";
import { seededRandom } from "@holdfast/testkit";
import { trial } from "./trial.ts";

const { values } = parseArgs({ options: { messages: { type: "string", default: "10000" }, kills: { type: "string", default: "20" }, seed: { type: "string", default: String(Date.now() % 1_000_000) } } });
const [messages, kills, seed] = [values.messages, values.kills, values.seed].map(Number) as [number, number, number]; // As many as were named.
const say = (line: string): void => { console.log(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${line}`); };

say(`${messages} messages, ${kills} kills, seed ${seed}`);
const [first, second] = await Promise.all([Broker.start({ name: "first" }), Broker.start({ name: "second" })]);
await using stack = new AsyncDisposableStack();
stack.use(first);
stack.use(second);
const verdict = await trial({ brokers: [first, second], messages, kills, random: seededRandom(seed), say });
say(JSON.stringify(verdict));
const { receipts, lost, duplicates, connections } = verdict;
process.exitCode = receipts === messages && lost.length === 0 && duplicates.unmarked.length === 0 && connections > kills ? 0 : 1;
