// `npm run soak:timing`: does the time of a refusal say how much of a proof was right, or whether a session exists? `-- --samples 200000` for fewer, `-- --only keeper` for those whose
// name has the word. Each question is asked of the code and of a control that is known to leak: where the control is not seen, the answer is worth nothing.
import { timingSafeEqual } from "node:crypto";
import { parseArgs } from "node:util";
import { body } from "../../src/frames/encode.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { labels } from "../../src/proof/labels.ts";
import { sameBytes } from "../../src/proof/same-bytes.ts";
import { World } from "../keeper/scene.ts";
import { attachFrame } from "../keeper/scripted-client.ts";
import { capped, welch } from "../proof/welch.ts";

const { values } = parseArgs({ options: { samples: { type: "string", default: "500000" }, only: { type: "string", default: "" } } });
const samples = Number(values.samples);
/** From here on two classes differ. */
const threshold = 4.5;
/** Durations are cut down to each of these quantiles, and the one that shows most counts: noise is in the long ones, and a leak need not be. */
const quantiles = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99];
/** Inputs are made before the clock runs, so many at a time: few, so that they stay in the caches. */
const batch = 50;
/** Before anything counts: they are for the compiler. */
const warming = 20_000;

/** What is measured: one of two kinds of work, prepared to run once. */
type Prepare = (second: boolean) => () => unknown;
interface Experiment { readonly name: string; readonly leaks: boolean; readonly prepare: Prepare }
type Equal = (one: Uint8Array, other: Uint8Array) => boolean;

const experiments: readonly Experiment[] = [
  { name: "keeper, a proof wrong in its first byte or in its last", leaks: false, prepare: refusals(timingSafeEqual) },
  { name: "keeper, the same with itself", leaks: false, prepare: alike(refusals(timingSafeEqual)) },
  { name: "keeper, control: compares up to the first difference", leaks: true, prepare: refusals(untilTheyDiffer) },
  { name: "keeper with a master key, a session that exists or does not", leaks: false, prepare: strangers({ masterKey: new Uint8Array(32).fill(7) }) },
  { name: "keeper without one, control: it asks its store, and says what it found", leaks: true, prepare: strangers({}) },
  { name: "client, a proof wrong in its first byte or in its last", leaks: false, prepare: comparisons(sameBytes) },
  { name: "client, control: compares up to the first difference", leaks: true, prepare: comparisons(untilTheyDiffer) },
];

console.log(`${samples} measurements each, the two classes in random order; |t| from ${threshold} on is a difference`);
for (const { name, leaks, prepare } of experiments.filter((one) => one.name.includes(values.only))) {
  const classes = measure(prepare);
  const found = quantiles.map((quantile) => ({ quantile, ...welch(...capped(...classes, quantile)) }));
  const worst = found.reduce((one, other) => (Math.abs(other.t) > Math.abs(one.t) ? other : one));
  const differs = Math.abs(worst.t) >= threshold;
  console.log(`${name}: |t| = ${Math.abs(worst.t).toFixed(2)} at quantile ${worst.quantile}, ${(worst.difference * 1e6).toFixed(1)} ns apart there; all: ${found.map(({ t }) => t.toFixed(1)).join(" ")}; ${classes.map(({ length }) => length).join(" + ")} measurements, median ${(median(classes[0]) * 1e6).toFixed(0)} ns`);
  if (differs === leaks) continue;
  console.error(leaks ? "  the control was not seen: more samples, or a quieter machine" : "  A DIFFERENCE");
  process.exitCode = 1;
}

/** In random order, so that whatever the machine does meanwhile befalls both. */
function measure(prepare: Prepare): readonly [Float64Array, Float64Array] {
  const took = [new Float64Array(samples), new Float64Array(samples)] as const;
  const counts = [0, 0] as [number, number];
  for (let round = -warming / batch; counts[0] + counts[1] < samples; round += 1) {
    const order = Array.from({ length: batch }, () => Math.random() < 0.5);
    const runs = order.map(prepare);
    for (let at = 0; at < batch; at += 1) {
      const run = runs[at] as () => unknown; // There are as many.
      const began = performance.now();
      run();
      const ms = performance.now() - began;
      const second = order[at] === true ? 1 : 0;
      if (round < 0) continue;
      took[second][counts[second]] = ms;
      counts[second] += 1;
    }
  }
  return [took[0].subarray(0, counts[0]), took[1].subarray(0, counts[1])];
}

/** What an attacker can cause: an ATTACH for a session that exists, from the frame to the refusal. The mac to compare with was made before: it is the same for each guess, and would add nothing but noise. */
function refusals(equal: Equal): Prepare {
  const { credential } = new World().opened();
  const right = attachFrame(credential, { attach: 5 });
  const mac = nodeHmac(credential.secret, labels.attach, body(right));
  const world = new World({ policy: { equal, hmac: () => mac } });
  world.opened(); // The same one.
  return (second) => {
    const frame = spoiled(right, second ? right.length - 1 : right.length - 16);
    const { machine } = world.channel();
    return () => { machine.frame(frame, 0); };
  };
}

/** An ATTACH with a proof of nothing, for one of many ids that are in the store or for one of as many that are not. All are drawn alike: what is done to fixed bytes is faster. */
function strangers(policy: { readonly masterKey?: Uint8Array }): Prepare {
  const world = new World({ policy });
  world.fresh = () => ({ id: noise(16), secret: noise(32) });
  const { credential } = world.opened();
  const known = Array.from({ length: 5_000 }, () => world.opened().credential.id);
  const unknown = known.map(() => noise(16));
  return (second) => {
    const ids = second ? unknown : known;
    const frame = attachFrame({ ...credential, id: ids[Math.floor(Math.random() * ids.length)] as Uint8Array }, { mac: noise(16) });
    const { machine } = world.channel();
    return () => { machine.frame(frame, 0); };
  };
}

function noise(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** The comparison alone. */
function comparisons(equal: Equal): Prepare {
  const right = noise(16);
  return (second) => {
    const guess = spoiled(right, second ? 15 : 0);
    return () => equal(right, guess);
  };
}

/** Both classes are the first one: what is found then is the noise. */
function alike(prepare: Prepare): Prepare {
  return () => prepare(false);
}

/** A copy with another byte in that place. */
function spoiled(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
  return copy;
}

/** The mistake that all this is about. */
function untilTheyDiffer(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return one.length === other.length;
}

function median(durations: Float64Array): number {
  return durations.toSorted()[durations.length >> 1] ?? 0;
}
