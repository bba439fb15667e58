import type { StoreCase } from "./case.ts";
import { equals } from "./expect.ts";
import type { StoreStage } from "./stage.ts";

/** Reads a session that has sent 6 messages, of which 2 are acknowledged. */
function reads(sentence: string, from: number, limit: number, expected: readonly number[]): StoreCase {
  return {
    sentence,
    run: async (stage: StoreStage) => {
      const { id } = await stage.busy({ sent: 6, acked: 2 });
      equals(await stage.store.read(id, from, limit), expected.map((sequence) => ({ sequence, message: `message ${sequence}` })), `read from ${from}, at most ${limit}`);
    },
  };
}

export const reading: readonly StoreCase[] = [
  reads("messages are read from a number on", 4, 10, [4, 5, 6]),
  reads("at most so many messages are read", 3, 2, [3, 4]),
  reads("what is acknowledged is not read, and does not count", 1, 3, [3, 4, 5]),
  reads("from 0 on all are read", 0, 10, [3, 4, 5, 6]),
  reads("nothing is read above the last number", 7, 10, []),
  reads("with a limit of 0 nothing is read", 3, 0, []),
  reads("with no limit all are read", 3, Infinity, [3, 4, 5, 6]),
  {
    sentence: "reading takes nothing away",
    run: async (stage) => {
      const subject = await stage.busy({ sent: 3 });
      const first = await stage.messages(subject);
      equals(await stage.messages(subject), first, "the messages at a second look");
      equals(await stage.standing(subject), { epoch: 1, received: 0, sent: 3, acked: 0 }, "the session");
    },
  },
  { sentence: "of a session that never was nothing is read", run: async (stage) => { equals(await stage.store.read(stage.id(), 1, 10), [], "the messages"); } },
];
