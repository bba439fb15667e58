import type { SessionStore } from "@holdfast/session";
import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";

type Call = (store: SessionStore, id: string, epoch: number) => unknown;

/** Each call that names an epoch, asking for a change. */
const calls: Readonly<Record<string, Call>> = {
  commit: (store, id, epoch) => store.commit(id, epoch, { received: 9, append: ["from an older owner"], acked: 2 }),
  touch: (store, id, epoch) => store.touch(id, epoch),
  close: (store, id, epoch) => store.close(id, epoch),
  hold: (store, id, epoch) => store.hold(id, epoch, "another key", "of an older owner"),
  "hold of a key that is held": (store, id, epoch) => store.hold(id, epoch, "key", "of an older owner"),
  release: (store, id, epoch) => store.release(id, epoch, "key"),
};

/** The same and those that name none. */
const all: Readonly<Record<string, Call>> = { ...calls, append: (store, id) => store.append(id, ["from a stranger"]) };

export const fencing: readonly StoreCase[] = [
  ...Object.entries(calls).map(([name, call]): StoreCase => ({
    sentence: `${name} with an older epoch is fenced, is told the epoch, and changes nothing`,
    run: async (stage) => {
      const subject = await stage.busy({ received: 3, sent: 3, acked: 1 });
      await stage.store.hold(subject.id, 1, "key", "value");
      const owner = await stage.attach(subject, { received: 1, sent: 3 });
      answers(await call(stage.other, subject.id, 1), { ok: "fenced", epoch: 2 }, name);
      equals(await stage.store.keys(""), [{ key: "key", value: "value", session: subject.id, epoch: 1 }], "the keys");
      equals((await stage.messages(subject)).map(({ sequence }) => sequence), [2, 3], "the messages");
      answers(await stage.store.touch(subject.id, owner.epoch), { ok: "committed", sent: 3 }, "a touch by the owner");
      equals(await stage.standing(subject), { epoch: 2, received: 3, sent: 3, acked: 1 }, "the session");
    },
  })),
  {
    sentence: "an epoch that the store never gave is fenced, too",
    run: async (stage) => {
      const { id } = await stage.create();
      for (const [name, call] of Object.entries(calls)) {
        answers(await call(stage.store, id, 2), { ok: "fenced", epoch: 1 }, `${name} with a later epoch`);
        answers(await call(stage.store, id, 0), { ok: "fenced", epoch: 1 }, `${name} with epoch 0`);
      }
    },
  },
  {
    sentence: "a call that is fenced renews nothing",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.attach(subject);
      await stage.while();
      for (const call of Object.values(calls)) answers(await call(stage.store, subject.id, 1), { ok: "fenced" }, "the call");
      await stage.rest();
      equals(await stage.expired(), [subject.id], "what expires");
    },
  },
  {
    sentence: "whoever attached last may do everything",
    run: async (stage) => {
      const subject = await stage.create();
      const { id, epoch } = await stage.attach(subject);
      answers(await stage.store.commit(id, epoch, { received: 1, append: ["x"] }), { ok: "committed", sent: 1 }, "commit");
      answers(await stage.store.touch(id, epoch), { ok: "committed" }, "touch");
      answers(await stage.store.hold(id, epoch, "key", "value"), { ok: "held" }, "hold");
      answers(await stage.store.release(id, epoch, "key"), { ok: "committed" }, "release");
      answers(await stage.store.close(id, epoch), { ok: "ended", why: "closed", received: 1 }, "close");
    },
  },
  ...Object.entries(all).flatMap(([name, call]): readonly StoreCase[] => [
    {
      sentence: `${name} of a session that never was says so`,
      run: async (stage) => { answers(await call(stage.store, stage.id(), 1), { ok: "ended", why: "unknown", received: 0 }, name); },
    },
    {
      sentence: `${name} of a session that was closed says so, with what was received`,
      run: async (stage) => {
        const { id } = await stage.busy({ received: 4 });
        await stage.store.close(id, 1);
        answers(await call(stage.store, id, 1), { ok: "ended", why: "closed", received: 4 }, name);
        equals([await stage.store.keys(""), await stage.store.read(id, 1, 10)], [[], []], "its keys and messages");
      },
    },
  ]),
  {
    sentence: "all calls of a session that has expired say so, with what was received",
    run: async (stage) => {
      const subject = await stage.busy({ received: 4 });
      await stage.runOut(subject);
      for (const [name, call] of Object.entries(all)) answers(await call(stage.store, subject.id, 1), { ok: "ended", why: "expired", received: 4 }, name);
      equals([await stage.store.keys(""), await stage.messages(subject)], [[], []], "its keys and messages");
    },
  },
];
