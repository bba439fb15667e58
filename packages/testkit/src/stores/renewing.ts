import type { SessionStore } from "@holdfast/session";
import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";

/** The calls by which an owner shows that the session lives. Attach has its sentence elsewhere. */
const renewals: Readonly<Record<string, (store: SessionStore, id: string) => unknown>> = {
  touch: (store, id) => store.touch(id, 1),
  "commit of messages": (store, id) => store.commit(id, 1, { append: ["x"] }),
  "commit of what is handled": (store, id) => store.commit(id, 1, { received: 1 }),
  "commit of nothing": (store, id) => store.commit(id, 1, {}),
};

const others: Readonly<Record<string, (store: SessionStore, id: string) => unknown>> = {
  find: (store, id) => store.find(id),
  read: (store, id) => store.read(id, 1, 10),
  hold: (store, id) => store.hold(id, 1, "key", "value"),
  release: (store, id) => store.release(id, 1, "key"),
};

export const renewing: readonly StoreCase[] = [
  ...Object.entries(renewals).map(([name, renew]): StoreCase => ({
    sentence: `a ${name} renews the deadline`,
    run: async (stage) => {
      const { id } = await stage.create();
      await stage.while();
      answers(await renew(stage.store, id), { ok: "committed" }, name);
      await stage.while();
      equals(await stage.expired(), [], "what expires");
      await stage.rest();
      equals(await stage.expired(), [id], "what expires later");
    },
  })),
  {
    sentence: "find, read, hold and release renew nothing",
    run: async (stage) => {
      const { id } = await stage.create();
      await stage.while();
      for (const look of Object.values(others)) await look(stage.store, id);
      await stage.rest();
      equals(await stage.expired(), [id], "what expires");
    },
  },
  {
    sentence: "a touch changes nothing else, and tells the last number",
    run: async (stage) => {
      const subject = await stage.busy({ received: 3, sent: 2, acked: 1 });
      answers(await stage.store.touch(subject.id, 1), { ok: "committed", sent: 2 }, "the touch");
      equals(await stage.standing(subject), { epoch: 1, received: 3, sent: 2, acked: 1 }, "the session");
    },
  },
  {
    sentence: "a session that is overdue lives until `expire` takes it: a touch saves it",
    run: async (stage) => {
      const { id } = await stage.create();
      await stage.overdue();
      answers(await stage.store.touch(id, 1), { ok: "committed" }, "the touch");
      equals(await stage.expired(), [], "what expires");
    },
  },
  {
    sentence: "a session that is overdue is found, read and appended to as before",
    run: async (stage) => {
      const { id } = await stage.busy({ sent: 1 });
      await stage.overdue();
      answers(await stage.store.find(id), { ok: "found" }, "what is found");
      answers(await stage.store.append(id, ["x"]), { ok: "committed", sent: 2 }, "the append");
      equals((await stage.store.read(id, 1, 10)).length, 2, "the number of messages");
    },
  },
];
