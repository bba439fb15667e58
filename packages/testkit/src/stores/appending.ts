import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";

export const appending: readonly StoreCase[] = [
  {
    sentence: "a stranger's messages get the next numbers, between those of the owner",
    run: async (stage) => {
      const { id } = await stage.create();
      answers(await stage.store.commit(id, 1, { append: ["owner"] }), { ok: "committed", sent: 1 }, "the owner's commit");
      answers(await stage.other.append(id, ["stranger", "stranger"]), { ok: "committed", sent: 3 }, "the stranger's append");
      answers(await stage.store.commit(id, 1, { append: ["owner"] }), { ok: "committed", sent: 4 }, "the owner's commit");
      equals((await stage.store.read(id, 1, 10)).map(({ sequence, message }) => `${sequence} ${String(message)}`), ["1 owner", "2 stranger", "3 stranger", "4 owner"], "the messages");
    },
  },
  {
    sentence: "a stranger needs to know no epoch, and takes the session from nobody",
    run: async (stage) => {
      const subject = await stage.create();
      const { id, epoch } = await stage.attach(subject);
      answers(await stage.other.append(id, ["x"]), { ok: "committed", sent: 1 }, "the append");
      answers(await stage.store.touch(id, epoch), { ok: "committed", sent: 1 }, "a touch by the owner");
    },
  },
  {
    sentence: "an append of nothing tells the last number",
    run: async (stage) => {
      const { id } = await stage.busy({ sent: 2 });
      answers(await stage.store.append(id, []), { ok: "committed", sent: 2 }, "the append");
    },
  },
  {
    sentence: "an append that would hold more than `maxBytes` is full: none of its messages is taken",
    run: async (stage) => {
      const { id } = await stage.create({ maxBytes: 10 });
      answers(await stage.store.append(id, ["12345"]), { ok: "committed", sent: 1 }, "the first append");
      answers(await stage.store.append(id, ["1", "2", "3456"]), { ok: "full" }, "the second append");
      equals(await stage.store.read(id, 1, 10), [{ sequence: 1, message: "12345" }], "the messages");
      answers(await stage.store.append(id, ["12345"]), { ok: "committed", sent: 2 }, "an append that fits");
    },
  },
  {
    sentence: "the messages of many strangers at once get consecutive numbers, each of them its own",
    run: async (stage) => {
      const { id } = await stage.create();
      const appends = await Promise.all(Array.from({ length: 40 }, async (_, at) => ({ at, answer: await [stage.store, stage.other][at % 2]?.append(id, [`${at} first`, `${at} second`]) })));
      const texts = (await stage.store.read(id, 1, 100)).map(({ message }) => message);
      equals(texts.length, 80, "the number of messages");
      for (const { at, answer } of appends) {
        const sent = answer?.ok === "committed" ? answer.sent : 0;
        equals(texts.slice(sent - 2, sent), [`${at} first`, `${at} second`], `the messages up to ${sent}, the number that append ${at} was told`);
      }
    },
  },
  {
    sentence: "an append renews nothing",
    run: async (stage) => {
      const { id } = await stage.create();
      await stage.while();
      await stage.store.append(id, ["x"]);
      await stage.rest();
      equals(await stage.expired(), [id], "what expires");
    },
  },
];
