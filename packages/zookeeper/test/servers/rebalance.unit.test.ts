import { describe, expect, it } from "vitest";
import { seededRandom } from "@holdfast/testkit";
import { rebalance, shuffled } from "../../src/servers/rebalance.ts";

const servers = (...numbers: readonly number[]): string[] => numbers.map((number) => `s${number}:2181`);
const range = (from: number, to: number): string[] => servers(...Array.from({ length: to - from + 1 }, (_, at) => from + at));

/** Many clients, spread evenly over `before`. How many move, and how many end on which server: the one dialled first, or the one they stay on. */
function crowd(before: readonly string[], after: readonly string[], clients = 20_000): { readonly moved: number; readonly load: ReadonlyMap<string, number> } {
  const random = seededRandom(42);
  const load = new Map(after.map((one) => [one, 0]));
  let moved = 0;
  for (let client = 0; client < clients; client += 1) {
    const current = before[client % before.length] as string;
    const { move, order } = rebalance({ before, after, current }, random);
    if (move) moved += 1;
    const end = move ? (order[0] as string) : current;
    load.set(end, (load.get(end) ?? 0) + 1);
  }
  return { moved: moved / clients, load };
}

/** Java's StaticHostProvider.updateServerList, case by case: the share of clients that move. */
describe("a list of servers that changes", () => {
  it.each([
    ["from 3 to 5", range(1, 3), range(1, 5), 1 - 3 / 5],
    ["from 3 to 4", range(1, 3), range(1, 4), 1 - 3 / 4],
    ["from 1 to 2", range(1, 1), range(1, 2), 1 - 1 / 2],
    ["from 5 to 3", range(1, 5), range(1, 3), 2 / 5],
    ["from 4 to 3, one of them new", range(1, 4), servers(1, 2, 9), 2 / 4],
    ["to as many, one of them new", range(1, 3), servers(1, 2, 9), 1 / 3],
    ["to as many others", range(1, 3), range(7, 9), 1],
    ["in its order alone", range(1, 3), servers(3, 1, 2), 0],
    ["from 3 to 6, all new", range(1, 3), range(4, 9), 1],
    ["from 3 to 4, two of them new", range(1, 3), servers(1, 2, 8, 9), 1 / 3 + (2 / 3) * (1 - 3 / 4)],
  ])("%s moves no more clients than it must, and loads all servers alike", (_, before, after, share) => {
    const { moved, load } = crowd(before, after);
    expect(moved).toBeCloseTo(share, 1.5);
    expect(Math.abs(moved - share)).toBeLessThan(0.015);
    for (const clients of load.values()) expect(clients / 20_000).toBeCloseTo(1 / after.length, 1.5);
  });

  it("sends those whose server is gone to the old ones with the probability of Java's formula", () => {
    // 10 servers become 7, of which 6 are old: 6·(10−7) / (7·(10−6)) = 18/28.
    const [before, after] = [range(1, 10), [...range(1, 6), ...servers(99)]];
    const random = seededRandom(3);
    let toOld = 0;
    for (let client = 0; client < 20_000; client += 1) if (rebalance({ before, after, current: "s10:2181" }, random).order[0] !== "s99:2181") toOld += 1;
    expect(Math.abs(toOld / 20_000 - 18 / 28)).toBeLessThan(0.015);
  });

  it("is dialled through as a whole, the group that was drawn first", () => {
    const random = seededRandom(5);
    for (let round = 0; round < 200; round += 1) {
      const { move, order } = rebalance({ before: range(1, 3), after: range(1, 6), current: "s1:2181" }, random);
      expect([...order].sort()).toEqual(range(1, 6));
      expect(move ? [...order.slice(0, 3)].sort() : range(4, 6)).toEqual(range(4, 6));
    }
  });

  it("moves nobody who is on no server", () => {
    const { move, order } = rebalance({ before: range(1, 3), after: range(1, 6), current: undefined }, seededRandom(1));
    expect([move, [...order].sort()]).toEqual([false, range(1, 6)]);
  });

  it("moves everybody whose server is gone, also where it was never in the list", () => {
    expect(rebalance({ before: range(1, 3), after: range(1, 3), current: "s9:2181" }, seededRandom(1))).toMatchObject({ move: true, order: expect.arrayContaining(range(1, 3)) });
  });

  it.each([[0.4, true], [0.400_001, false]])("draws the line where Java does: a dice of %d", (dice, move) => {
    expect(rebalance({ before: range(1, 3), after: range(1, 5), current: "s1:2181" }, () => dice).move).toBe(move);
  });
});

describe("shuffling", () => {
  it("keeps what there is and favours nobody", () => {
    const random = seededRandom(9);
    const seen = new Map<string, number>();
    for (let round = 0; round < 24_000; round += 1) {
      const order = shuffled(["a", "b", "c", "d"], random).join("");
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    for (const count of seen.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("leaves the list alone that it was given", () => {
    const list = Object.freeze(["a", "b", "c"]);
    expect([...shuffled(list, () => 0)].sort()).toEqual(["a", "b", "c"]);
    expect(list).toEqual(["a", "b", "c"]);
  });
});
