// `npm run soak:sessions`: a million schedules on two processes, and then a search through every order in which few things can happen.
// `-- --seed N` carries one schedule out and prints its story; `-- --schedules N` carries out as many as that; `-- --settings N` ends each search after so many settings, 0: none.
import { fork } from "node:child_process";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { compareAll } from "../exhaustive/bisimulation.ts";
import { large, thorough } from "../exhaustive/bounds.ts";
import { explore } from "../exhaustive/search.ts";
import { replay, search, type Counts } from "./search.ts";

const { values } = parseArgs({
  options: { seed: { type: "string" }, from: { type: "string", default: "1" }, schedules: { type: "string", default: "1000000" }, processes: { type: "string", default: "2" }, settings: { type: "string", default: "Infinity" }, worker: { type: "boolean", default: false } },
});
const [from, schedules, processes] = [Number(values.from), Number(values.schedules), Number(values.processes)];

if (values.seed !== undefined) {
  console.log(replay(Number(values.seed)));
} else if (values.worker) {
  process.send?.(search(from, schedules));
} else {
  const began = performance.now();
  const share = Math.ceil(schedules / processes);
  const counts = await Promise.all(Array.from({ length: processes }, (_, at) => work(from + at * share, Math.min(share, schedules - at * share))));
  const sum = (of: (each: Counts) => number): number => counts.reduce((total, each) => total + of(each), 0);
  const seconds = (performance.now() - began) / 1_000;
  console.log(`${sum((each) => each.schedules)} schedules, ${sum((each) => each.events)} events, ${sum((each) => each.attaches)} attaches, ${sum((each) => each.faults)} faults in ${seconds.toFixed(0)} s`);
  const violations = counts.flatMap((each) => each.violations);
  for (const { words, story } of violations.slice(0, 3)) console.log(`\n${words}\n${story}`);
  console.log(violations.length === 0 ? "no invariant was violated" : `${violations.length} violations; seeds ${violations.slice(0, 20).map(({ seed }) => seed).join(", ")}`);
  const held = Number(values.settings) === 0 || (compared() && explored());
  process.exitCode = violations.length === 0 && held ? 0 : 1;
}

/** Whether settings with the same key are the same in all that follows. */
function compared(): boolean {
  const { settings, keys, differs } = compareAll(thorough);
  console.log(`${settings} settings told apart by all that they are have ${keys} keys: ${differs ?? "those with the same one lead to the same"}`);
  return differs === undefined;
}

/** Whether no search has seen anything that breaks a promise. */
function explored(): boolean {
  return Object.entries(large).map(([words, { bounds, most }]) => {
    const began = performance.now();
    const { states, moves, complete, violation } = explore(bounds, { most: Math.min(most, Number(values.settings)) });
    console.log(`${words}: ${states} settings by ${moves} moves${complete ? ", all there are," : ""} in ${((performance.now() - began) / 1_000).toFixed(0)} s: ${violation ?? "each keeps every promise"}`);
    return violation === undefined;
  }).every(Boolean);
}

function work(first: number, count: number): Promise<Counts> {
  const args = ["--worker", "--from", String(first), "--schedules", String(count)];
  const child = fork(fileURLToPath(import.meta.url), args);
  return new Promise((resolve, reject) => {
    child.once("message", (counts) => { resolve(counts as Counts); }); // Sent by the line above.
    child.once("error", reject);
    child.once("exit", (code) => { if (code !== 0) reject(new Error(`a process of the search ended with ${code}`)); });
  });
}
