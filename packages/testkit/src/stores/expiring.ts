import type { StoreCase } from "./case.ts";
import { claim } from "../conformance/claim.ts";
import { answers, equals } from "./expect.ts";

export const expiring: readonly StoreCase[] = [
  { sentence: "where there is no session, none expires", run: async (stage) => { equals(await stage.expired(), [], "what expires"); } },
  {
    sentence: "no session expires before its timeout has passed, and each does soon after",
    run: async (stage) => {
      const { id } = await stage.create();
      equals(await stage.expired(), [], "what expires at once");
      await stage.while();
      equals(await stage.expired(), [], "what expires after half of the timeout");
      await stage.rest();
      equals(await stage.expired(), [id], "what expires after the timeout");
      equals(await stage.expired(), [], "what expires a second time");
    },
  },
  {
    sentence: "each session expires after its own timeout",
    run: async (stage) => {
      const [short, long] = [await stage.create(), await stage.create({ timeout: stage.timeout * 1_000 })];
      await stage.overdue();
      equals(await stage.expired(), [short.id], "what expires");
      answers(await stage.store.find(long.id), { ok: "found" }, "the session with the longer timeout");
    },
  },
  {
    sentence: "at most so many expire at a time, and the others at the next time",
    run: async (stage) => {
      const ids: string[] = [];
      for (let at = 0; at < 25; at += 1) ids.push((await stage.create({ timeout: stage.timeout / 5 })).id);
      await stage.overdue(1 / 5);
      equals(await stage.expired(0), [], "what expires with a limit of 0");
      const rounds = [await stage.expired(10), await stage.expired(10), await stage.expired(10), await stage.expired(10)];
      equals(rounds.map((round) => round.length), [10, 10, 5, 0], "how many expire at a time");
      equals(rounds.flat().toSorted(), ids.toSorted(), "what expires");
    },
  },
  {
    sentence: "one that was renewed does not expire with those that were not",
    run: async (stage) => {
      const [kept, lost] = [await stage.create(), await stage.create()];
      await stage.while();
      await stage.store.touch(kept.id, 1);
      await stage.rest();
      equals(await stage.expired(), [lost.id], "what expires");
      answers(await stage.store.touch(kept.id, 1), { ok: "committed" }, "a touch of the other one");
    },
  },
  {
    sentence: "of several keepers that ask at once, each session is told to one",
    run: async (stage) => {
      const ids: string[] = [];
      for (let at = 0; at < 20; at += 1) ids.push((await stage.create({ timeout: stage.timeout / 5 })).id);
      await stage.overdue(1 / 5);
      const rounds = await Promise.all([stage.store, stage.other, stage.store, stage.other].map(async (store) => store.expire(100)));
      equals(rounds.flat().toSorted(), ids.toSorted(), "what expires");
    },
  },
  {
    sentence: "a session that has ended may not be told as expired by anybody, whatever happens at the same time",
    run: async (stage) => {
      const ids: string[] = [];
      for (let at = 0; at < 20; at += 1) ids.push((await stage.create({ timeout: stage.timeout / 5 })).id);
      await stage.overdue(1 / 5);
      const [over, ...closed] = await Promise.all([stage.other.expire(100), ...ids.map(async (id) => stage.store.close(id, 1))]);
      for (const [at, answer] of closed.entries()) {
        claim(answer.ok === "ended" && (answer.why === "expired") === over.includes(ids[at] ?? ""), `session ${at} was told to have ended both ways`);
      }
    },
  },
  {
    sentence: "a session is renewed or expires, never both, where both are asked for at once",
    run: async (stage) => {
      const ids: string[] = [];
      for (let at = 0; at < 20; at += 1) ids.push((await stage.create({ timeout: stage.timeout / 5 })).id);
      await stage.overdue(1 / 5);
      const [over, ...touched] = await Promise.all([stage.other.expire(100), ...ids.map(async (id) => stage.store.touch(id, 1))]);
      for (const [at, answer] of touched.entries()) {
        claim((answer.ok === "ended") === over.includes(ids[at] ?? ""), `session ${at} was told to be ${answer.ok}, and ${over.includes(ids[at] ?? "") ? "" : "not "}to have expired`);
      }
    },
  },
];
