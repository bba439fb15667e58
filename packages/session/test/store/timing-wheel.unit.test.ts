import { seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { TimingWheel, type Scheduled } from "../../src/store/timing-wheel.ts";

interface Entry extends Scheduled { readonly name: string }

const entry = (name: string, deadline: number): Entry => ({ name, deadline, slot: -1, place: 0 });

function takeAll(wheel: TimingWheel<Entry>, now: number): readonly string[] {
  const taken: string[] = [];
  for (let one = wheel.take(now); one !== undefined; one = wheel.take(now)) taken.push(one.name);
  return taken.toSorted();
}

describe("a timing wheel", () => {
  it("gives what is overdue, at most 100 ms late and never early", () => {
    const wheel = new TimingWheel<Entry>(1_000);
    for (const [name, deadline] of [["a", 1_050], ["b", 1_100], ["c", 1_199]] as const) wheel.add(entry(name, deadline));
    expect(takeAll(wheel, 1_099)).toEqual([]);
    expect(takeAll(wheel, 1_100)).toEqual(["a"]);
    expect(takeAll(wheel, 1_199)).toEqual([]);
    expect(takeAll(wheel, 1_200)).toEqual(["b", "c"]);
    expect(wheel.size).toBe(0);
  });

  it("moves what was renewed meanwhile, however often", () => {
    const wheel = new TimingWheel<Entry>(0);
    const one = entry("a", 500);
    wheel.add(one);
    for (let now = 0; now < 5_000; now += 250) {
      one.deadline = now + 500;
      expect(takeAll(wheel, now)).toEqual([]);
    }
    expect(takeAll(wheel, 5_400)).toEqual(["a"]);
  });

  it("gives nothing that was taken out", () => {
    const wheel = new TimingWheel<Entry>(0);
    const all = ["a", "b", "c"].map((name) => entry(name, 50));
    for (const one of all) wheel.add(one);
    for (const one of all.slice(0, 2)) { wheel.remove(one); wheel.remove(one); }
    expect(takeAll(wheel, 10_000)).toEqual(["c"]);
  });

  it("keeps what is due after more than its round, and what was never asked for in time", () => {
    const wheel = new TimingWheel<Entry>(0);
    wheel.add(entry("far", 10_000_000));
    wheel.add(entry("near", 10));
    expect(takeAll(wheel, 9_999_999)).toEqual(["near"]);
    wheel.add(entry("never", Infinity));
    expect(takeAll(wheel, 10_000_100)).toEqual(["far"]);
    expect(wheel.size).toBe(1);
  });

  it.each([[1], [2], [3], [4], [5]])("agrees with a plain list, whatever is added, renewed, taken out and asked for (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const wheel = new TimingWheel<Entry>(0);
    const list = new Set<Entry>();
    let now = 0;
    for (let round = 0; round < 3_000; round += 1) {
      const dice = random();
      const [some] = list;
      if (dice < 0.4) {
        const one = entry(String(round), now + random() * (random() < 0.1 ? 300_000 : 3_000));
        wheel.add(one);
        list.add(one);
      } else if (dice < 0.6 && some !== undefined) {
        some.deadline = Math.max(some.deadline, now + random() * 5_000);
      } else if (dice < 0.7 && some !== undefined) {
        wheel.remove(some);
        list.delete(some);
      } else {
        now += random() * (random() < 0.02 ? 500_000 : 200);
        for (let one = wheel.take(now); one !== undefined; one = wheel.take(now)) {
          if (one.deadline > now || !list.delete(one)) throw new Error(`round ${round}: ${one.name} was given early or twice`);
        }
        for (const one of list) if (one.deadline <= now - 100) throw new Error(`round ${round}: ${one.name} is ${now - one.deadline} ms late`);
      }
    }
    expect(wheel.size).toBe(list.size);
  });
});
