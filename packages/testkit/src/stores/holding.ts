import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";

export const holding: readonly StoreCase[] = [
  {
    sentence: "a key tells its value, who holds it, and the epoch since when",
    run: async (stage) => {
      const subject = await stage.create();
      const { id, epoch } = await stage.attach(subject);
      const key = { key: "room/1", value: "Zoë\u0000", session: id, epoch };
      equals(await stage.store.hold(id, epoch, "room/1", "Zoë\u0000"), { ok: "held", key }, "hold");
      equals(await stage.other.keys("room/1"), [key], "the keys");
    },
  },
  {
    sentence: "one session holds a key at a time: another is told who does, and changes nothing",
    run: async (stage) => {
      const [first, second] = [await stage.create(), await stage.create()];
      await stage.store.hold(first.id, 1, "key", "first");
      const key = { key: "key", value: "first", session: first.id, epoch: 1 };
      equals(await stage.other.hold(second.id, 1, "key", "second"), { ok: "taken", key }, "hold by the other one");
      equals(await stage.store.keys(""), [key], "the keys");
    },
  },
  {
    sentence: "who holds a key already changes its value, and not since when",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.store.hold(subject.id, 1, "key", "old");
      const { id, epoch } = await stage.attach(subject);
      const key = { key: "key", value: "", session: id, epoch: 1 };
      equals(await stage.store.hold(id, epoch, "key", ""), { ok: "held", key }, "hold");
      equals(await stage.store.keys(""), [key], "the keys");
    },
  },
  {
    sentence: "a key that is released can be held by another, and by the same one since a later epoch",
    run: async (stage) => {
      const [first, second] = [await stage.create(), await stage.create()];
      await stage.store.hold(first.id, 1, "key", "1");
      answers(await stage.store.release(first.id, 1, "key"), { ok: "committed", sent: 0 }, "release");
      equals(await stage.store.keys(""), [], "the keys");
      answers(await stage.store.hold(second.id, 1, "key", "2"), { ok: "held" }, "hold by the other one");
      await stage.store.release(second.id, 1, "key");
      const { id, epoch } = await stage.attach(first);
      answers(await stage.store.hold(id, epoch, "key", "3"), { ok: "held", key: { key: "key", value: "3", session: id, epoch: 2 } }, "hold by the first one");
    },
  },
  {
    sentence: "a release of a key that another holds, or nobody, leaves all as it is",
    run: async (stage) => {
      const [first, second] = [await stage.create(), await stage.create()];
      await stage.store.hold(first.id, 1, "key", "1");
      for (const key of ["key", "nobody's"]) answers(await stage.store.release(second.id, 1, key), { ok: "committed" }, "release");
      answers((await stage.store.keys(""))[0], { key: "key", session: first.id }, "the keys");
    },
  },
  {
    sentence: "keys are listed by prefix, of all sessions, sorted",
    run: async (stage) => {
      const [first, second] = [await stage.create(), await stage.create()];
      for (const [at, key] of ["b/2", "a", "b", "b/10", "B/1", "b/1", "c/b/1"].entries()) await stage.store.hold([first, second][at % 2]?.id ?? "", 1, key, String(at));
      const names = async (prefix: string): Promise<readonly string[]> => (await stage.other.keys(prefix)).map(({ key }) => key);
      equals(await names("b/"), ["b/1", "b/10", "b/2"], "the keys below b/");
      equals(await names(""), ["B/1", "a", "b", "b/1", "b/10", "b/2", "c/b/1"], "all keys");
      equals(await names("d"), [], "the keys below d");
    },
  },
  {
    sentence: "a prefix is taken literally",
    run: async (stage) => {
      const { id } = await stage.create();
      const odd = ["*", "?", "[a]", "\\", "{x}", ":", " ", "é", "\u0000", "__proto__", "constructor"];
      for (const key of odd) await stage.store.hold(id, 1, key, "value");
      for (const key of odd) equals((await stage.store.keys(key)).map((found) => found.key), [key], `the keys with the prefix ${JSON.stringify(key)}`);
      equals(await stage.store.keys("\u0001"), [], "the keys with a prefix that none has");
    },
  },
  {
    sentence: "keys outlive an attach, and are the new owner's to release",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.store.hold(subject.id, 1, "key", "value");
      const { id, epoch } = await stage.attach(subject);
      answers((await stage.store.keys("key"))[0], { session: id, epoch: 1 }, "the keys");
      answers(await stage.store.release(id, epoch, "key"), { ok: "committed" }, "release");
      equals(await stage.store.keys(""), [], "the keys");
    },
  },
  {
    sentence: "keys go when their session is closed, and others can hold them at once",
    run: async (stage) => {
      const [first, second] = [await stage.create(), await stage.create()];
      for (const key of ["a", "b", "c"]) await stage.store.hold(first.id, 1, key, "value");
      await stage.store.hold(second.id, 1, "d", "value");
      await stage.store.close(first.id, 1);
      equals((await stage.other.keys("")).map(({ key }) => key), ["d"], "the keys");
      answers(await stage.other.hold(second.id, 1, "a", "mine"), { ok: "held", key: { key: "a", value: "mine", session: second.id, epoch: 1 } }, "hold by another");
    },
  },
  {
    sentence: "keys stay while their session is only overdue, and go when it expires",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.store.hold(subject.id, 1, "key", "value");
      await stage.overdue();
      answers((await stage.store.keys("key"))[0], { session: subject.id }, "the keys");
      equals(await stage.expired(), [subject.id], "what expires");
      equals(await stage.other.keys("key"), [], "the keys");
      answers(await stage.store.hold((await stage.create()).id, 1, "key", "mine"), { ok: "held" }, "hold by another");
    },
  },
  {
    sentence: "of many that want a key at once, one holds it and all are told who",
    run: async (stage) => {
      const subjects = await Promise.all(Array.from({ length: 20 }, () => stage.create()));
      const answered = await Promise.all(subjects.map(async ({ id }, at) => [stage.store, stage.other][at % 2]?.hold(id, 1, "key", id)));
      const [holder] = await stage.store.keys("key");
      equals(answered.filter((answer) => answer?.ok === "held").length, 1, "how many hold it");
      for (const answer of answered) answers(answer, { key: holder }, "hold");
    },
  },
  {
    sentence: "a session may hold a hundred keys, and all of them go with it",
    run: async (stage) => {
      const { id } = await stage.create();
      await Promise.all(Array.from({ length: 100 }, async (_, at) => stage.store.hold(id, 1, `key ${at}`, "value")));
      equals((await stage.store.keys("key ")).length, 100, "the number of keys");
      await stage.store.close(id, 1);
      equals(await stage.store.keys(""), [], "the keys");
    },
  },
];
