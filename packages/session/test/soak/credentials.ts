// `npm run soak:credentials`: ten million attempts to take a session, none of which may succeed. `-- --attempts 100000 --seed 7` for fewer, or the same again.
import { parseArgs } from "node:util";
import { seededRandom } from "@holdfast/testkit";
import { forge, harmless, kinds, type Loot } from "../keeper/forgery.ts";
import { World } from "../keeper/scene.ts";
import { attachFrame, data, ping } from "../keeper/scripted-client.ts";

const { values } = parseArgs({ options: { attempts: { type: "string", default: "10000000" }, seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 40)) } } });
const [attempts, seed] = [Number(values.attempts), Number(values.seed)];
const random = seededRandom(seed);
console.log(`${attempts} attempts to take a session, from seed ${seed}`);

const world = new World();
const { credential } = world.opened();
const own = world.opened().credential;
const recorded = [1, 2, 3, 4].map((attach) => attachFrame(credential, { attach }));
for (const frame of recorded) world.channel().say(frame);
const honest = world.attached(credential, { attach: 10 });
const loot: Loot = { random, victim: credential, recorded, own, claim: () => ({ attach: Math.floor(random() * 2 ** 50), restarted: random() < 0.5 }) };

const began = performance.now();
let taken = 0;
for (let at = 0; at < attempts; at += 1) {
  const kind = kinds[at % kinds.length] ?? "a replay";
  if (!harmless(kind, world.channel().say(forge(kind, loot)).frames)) {
    taken += 1;
    console.error(`attempt ${at} (${kind}) was not refused. Again: npm run soak:credentials -- --seed ${seed} --attempts ${at + 1}`);
  }
  if (at % 1_000_000 === 999_999) console.log(`${at + 1} attempts, ${taken} accepted, ${Math.round(at / (performance.now() - began))} thousand a second`);
}
honest.say(data("still mine"), ping(1, { sent: 1 }));
const unharmed = honest.last?.type === "pong" && world.attached(credential, { attach: 11, sent: 1 }).last?.type === "attached";
console.log(`${attempts} attempts, ${taken} accepted; the honest client ${unharmed ? "kept its session" : "lost its session"}`);
if (taken > 0 || !unharmed) process.exitCode = 1;
