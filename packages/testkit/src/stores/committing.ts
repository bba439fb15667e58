import type { StoreCase } from "./case.ts";
import { answers, equals, rejects } from "./expect.ts";

export const committing: readonly StoreCase[] = [
  {
    sentence: "messages for the client are numbered 1, 2, 3 …, and a commit tells the last number",
    run: async (stage) => {
      const { id, epoch } = await stage.create();
      answers(await stage.store.commit(id, epoch, { append: ["a", "b"] }), { ok: "committed", sent: 2 }, "the first commit");
      answers(await stage.store.commit(id, epoch, { append: ["c"] }), { ok: "committed", sent: 3 }, "the second commit");
      equals(await stage.store.read(id, 1, 10), [{ sequence: 1, message: "a" }, { sequence: 2, message: "b" }, { sequence: 3, message: "c" }], "the messages");
    },
  },
  {
    sentence: "what a commit says is one step: handled, acknowledged and sent",
    run: async (stage) => {
      const subject = await stage.busy({ received: 1, sent: 2 });
      answers(await stage.store.commit(subject.id, 1, { received: 5, acked: 1, append: ["x", "y"] }), { ok: "committed", sent: 4 }, "the commit");
      equals((await stage.messages(subject)).map(({ sequence }) => sequence), [2, 3, 4], "the messages");
      equals(await stage.standing(subject), { epoch: 1, received: 5, sent: 4, acked: 1 }, "the session");
    },
  },
  {
    sentence: "a commit of nothing changes no counter, and tells the last number",
    run: async (stage) => {
      const subject = await stage.busy({ received: 1, sent: 2, acked: 1 });
      for (const change of [{}, { append: [] }]) answers(await stage.store.commit(subject.id, 1, change), { ok: "committed", sent: 2 }, "the commit");
      equals(await stage.standing(subject), { epoch: 1, received: 1, sent: 2, acked: 1 }, "the session");
    },
  },
  {
    sentence: "a lower `received` than before changes nothing",
    run: async (stage) => {
      const subject = await stage.busy({ received: 7 });
      answers(await stage.store.commit(subject.id, 1, { received: 6 }), { ok: "committed" }, "the commit");
      answers(await stage.standing(subject), { received: 7 }, "the session");
    },
  },
  {
    sentence: "a lower `acked` than before changes nothing",
    run: async (stage) => {
      const subject = await stage.busy({ sent: 5, acked: 3 });
      answers(await stage.store.commit(subject.id, 1, { acked: 2 }), { ok: "committed", sent: 5 }, "the commit");
      answers(await stage.standing(subject), { acked: 3, sent: 5 }, "the session");
    },
  },
  {
    sentence: "an `acked` above what was sent is rejected, and nothing is changed",
    run: async (stage) => {
      const subject = await stage.busy({ received: 1, sent: 2 });
      await rejects(() => stage.store.commit(subject.id, 1, { received: 5, acked: 3, append: ["x"] }), "the commit");
      equals((await stage.messages(subject)).length, 2, "the number of messages");
      equals(await stage.standing(subject), { epoch: 1, received: 1, sent: 2, acked: 0 }, "the session");
    },
  },
  {
    sentence: "acknowledged messages are let go, and numbers go on after them",
    run: async (stage) => {
      const { id } = await stage.busy({ sent: 3, acked: 3 });
      equals(await stage.store.read(id, 1, 10), [], "the messages");
      answers(await stage.store.commit(id, 1, { append: ["next"] }), { ok: "committed", sent: 4 }, "the commit");
      equals(await stage.store.read(id, 1, 10), [{ sequence: 4, message: "next" }], "the messages");
    },
  },
  {
    sentence: "a commit that would hold more than `maxBytes` is full, and nothing is changed",
    run: async (stage) => {
      const subject = await stage.create({ maxBytes: 10 });
      await stage.store.commit(subject.id, 1, { append: ["12345"] });
      answers(await stage.store.commit(subject.id, 1, { received: 3, append: ["1", "23456"] }), { ok: "full" }, "the commit");
      equals((await stage.messages(subject)).length, 1, "the number of messages");
      equals(await stage.standing(subject), { epoch: 1, received: 0, sent: 1, acked: 0 }, "the session");
    },
  },
  {
    sentence: "a commit that is full acknowledges nothing",
    run: async (stage) => {
      const subject = await stage.create({ maxBytes: 10 });
      await stage.store.commit(subject.id, 1, { append: ["1", "2", "345678"] });
      answers(await stage.store.commit(subject.id, 1, { acked: 1, append: ["1234"] }), { ok: "full" }, "the commit");
      equals((await stage.messages(subject)).map(({ sequence }) => sequence), [1, 2, 3], "the messages");
    },
  },
  {
    sentence: "a commit that is full renews nothing",
    run: async (stage) => {
      const subject = await stage.create({ maxBytes: 10 });
      await stage.while();
      answers(await stage.store.commit(subject.id, 1, { append: ["12345678901"] }), { ok: "full" }, "the commit");
      await stage.rest();
      equals(await stage.expired(), [subject.id], "what expires");
    },
  },
  {
    sentence: "exactly `maxBytes` have room; texts count in UTF-8, bytes as they are, empty messages as one",
    run: async (stage) => {
      const { id } = await stage.create({ maxBytes: 11 });
      answers(await stage.store.commit(id, 1, { append: ["é€😀", "", new Uint8Array(2)] }), { ok: "full" }, "2 + 3 + 4 + 1 + 2 = 12 bytes");
      answers(await stage.store.commit(id, 1, { append: ["é€😀", "", new Uint8Array(1)] }), { ok: "committed", sent: 3 }, "11 bytes");
      answers(await stage.store.commit(id, 1, { append: [""] }), { ok: "full" }, "one empty message more");
    },
  },
  {
    sentence: "acknowledging makes room, also for what the same commit appends",
    run: async (stage) => {
      const { id } = await stage.create({ maxBytes: 10 });
      await stage.store.commit(id, 1, { append: ["123456", "7890"] });
      answers(await stage.store.commit(id, 1, { acked: 1, append: ["654321"] }), { ok: "committed", sent: 3 }, "the commit");
      answers(await stage.store.commit(id, 1, { append: ["x"] }), { ok: "full" }, "a commit of one byte more");
      answers(await stage.store.commit(id, 1, { acked: 3, append: ["1234567890"] }), { ok: "committed", sent: 4 }, "a commit that acknowledges all");
    },
  },
  {
    sentence: "what an attach lets go makes room",
    run: async (stage) => {
      const subject = await stage.create({ maxBytes: 10 });
      await stage.store.commit(subject.id, 1, { append: ["12345", "67890"] });
      const { id, epoch } = await stage.attach(subject, { received: 1 });
      answers(await stage.store.commit(id, epoch, { append: ["123456"] }), { ok: "full" }, "six bytes");
      answers(await stage.store.commit(id, epoch, { append: ["12345"] }), { ok: "committed", sent: 3 }, "five bytes");
    },
  },
];
