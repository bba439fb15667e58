import type { StoreCase } from "./case.ts";
import { claim } from "../conformance/claim.ts";
import { equals, show } from "./expect.ts";

export const news: readonly StoreCase[] = [
  {
    sentence: "an append is told, with the last number",
    run: async (stage) => {
      const listening = await stage.listen();
      const { id } = await stage.busy({ sent: 1 });
      await stage.other.append(id, ["x", "y"]);
      await listening.hear({ type: "appended", session: id, sent: 3 }, "the append");
    },
  },
  {
    sentence: "an attach is told, with the new epoch",
    run: async (stage) => {
      const listening = await stage.listen(stage.other);
      const subject = await stage.create();
      await stage.attach(subject);
      await listening.hear({ type: "attached", session: subject.id, epoch: 2 }, "the attach");
    },
  },
  {
    sentence: "the end of a session is told: that it was closed",
    run: async (stage) => {
      const listening = await stage.listen(stage.other);
      const { id } = await stage.create();
      await stage.store.close(id, 1);
      await listening.hear({ type: "ended", session: id, why: "closed" }, "the end");
    },
  },
  {
    sentence: "the end of a session is told: that it has expired",
    run: async (stage) => {
      const listening = await stage.listen(stage.other);
      const subject = await stage.create();
      await stage.runOut(subject);
      await listening.hear({ type: "ended", session: subject.id, why: "expired" }, "the end");
    },
  },
  {
    sentence: "a key that is held is told, and so is its change",
    run: async (stage) => {
      const listening = await stage.listen(stage.other);
      const { id } = await stage.create();
      for (const value of ["one", "two"]) {
        await stage.store.hold(id, 1, "key", value);
        await listening.hear({ type: "key", key: "key", now: { key: "key", value, session: id, epoch: 1 } }, "the key");
      }
    },
  },
  {
    sentence: "a key that is released is told as gone",
    run: async (stage) => {
      const { id } = await stage.create();
      await stage.store.hold(id, 1, "key", "value");
      const listening = await stage.listen(stage.other);
      await stage.store.release(id, 1, "key");
      await listening.hear({ type: "key", key: "key", now: undefined }, "the key");
    },
  },
  {
    sentence: "keys that go with their session are told as gone",
    run: async (stage) => {
      const [closed, over] = [await stage.create(), await stage.create()];
      for (const key of ["a", "b"]) await stage.store.hold(closed.id, 1, key, "value");
      await stage.store.hold(over.id, 1, "c", "value");
      const listening = await stage.listen(stage.other);
      await stage.store.close(closed.id, 1);
      await stage.runOut(over);
      for (const key of ["a", "b", "c"]) await listening.hear({ type: "key", key, now: undefined }, `key ${key}`);
    },
  },
  {
    sentence: "all who asked are told",
    run: async (stage) => {
      const listeners = [await stage.listen(), await stage.listen(), await stage.listen(stage.other)];
      const { id } = await stage.create();
      await stage.store.append(id, ["x"]);
      for (const listening of listeners) await listening.hear({ type: "appended", session: id }, "the append");
    },
  },
  {
    sentence: "who does not ask any more is told nothing more, and the others go on",
    run: async (stage) => {
      const [gone, staying] = [await stage.listen(), await stage.listen()];
      const { id } = await stage.create();
      await stage.store.append(id, ["x"]);
      await gone.hear({ type: "appended", sent: 1 }, "the append");
      gone.leave();
      gone.leave();
      const before = gone.news.length;
      await stage.store.append(id, ["x"]);
      await staying.hear({ type: "appended", sent: 2 }, "the append");
      claim(gone.news.length === before, `who has left should be told nothing more, but heard ${show(gone.news)}`);
    },
  },
  {
    sentence: "what is refused, fenced or full is no news",
    run: async (stage) => {
      const [first, second] = [await stage.create({ maxBytes: 1 }), await stage.create()];
      await stage.store.hold(first.id, 1, "key", "value");
      const listening = await stage.listen();
      await stage.store.hold(second.id, 1, "key", "value");
      await stage.store.release(second.id, 1, "key");
      await stage.store.hold(second.id, 9, "other", "value");
      await stage.store.close(second.id, 9);
      await stage.store.append(first.id, ["too long"]);
      await stage.tryAttach(first, { attach: 0 });
      await stage.store.append(second.id, ["heard"]);
      await listening.hear({ type: "appended", session: second.id }, "the append");
      const others = listening.news.filter((item) => item.type !== "appended" || item.session !== second.id);
      equals(others, [], "the other news");
    },
  },
];
