import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";
import { secret } from "./stage.ts";

export const closing: readonly StoreCase[] = [
  {
    sentence: "a session that is closed has ended, with what was received",
    run: async (stage) => {
      const { id } = await stage.busy({ received: 6, sent: 2 });
      answers(await stage.store.close(id, 1), { ok: "ended", why: "closed", received: 6 }, "close");
      equals(await stage.store.find(id), { ok: "tombstone", why: "closed", received: 6, secret, principal: "somebody" }, "what is found");
      equals(await stage.store.read(id, 1, 10), [], "its messages");
    },
  },
  {
    sentence: "a session that has expired leaves a tombstone with what was received, its secret and its principal",
    run: async (stage) => {
      const subject = await stage.busy({ received: 6 });
      await stage.runOut(subject);
      equals(await stage.store.find(subject.id), { ok: "tombstone", why: "expired", received: 6, secret, principal: "somebody" }, "what is found");
    },
  },
  {
    sentence: "the tombstone of a session without a secret has none",
    run: async (stage) => {
      const id = stage.id();
      await stage.store.create(id, { timeout: 5_000, principal: "", maxBytes: 10 });
      await stage.store.close(id, 1);
      equals(await stage.store.find(id), { ok: "tombstone", why: "closed", received: 0, principal: "" }, "what is found");
    },
  },
  {
    sentence: "a session that is closed is not taken by `expire`",
    run: async (stage) => {
      const { id } = await stage.create();
      await stage.store.close(id, 1);
      await stage.overdue();
      equals(await stage.expired(), [], "what expires");
      answers(await stage.store.find(id), { ok: "tombstone", why: "closed" }, "what is found");
    },
  },
  {
    sentence: "a session that has expired cannot be closed any more, nor one that was closed expire",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.runOut(subject);
      answers(await stage.store.close(subject.id, 1), { ok: "ended", why: "expired" }, "close");
      answers(await stage.store.find(subject.id), { ok: "tombstone", why: "expired" }, "what is found");
    },
  },
  {
    sentence: "a tombstone stays for ten timeouts, and no longer",
    run: async (stage) => {
      const timeout = stage.timeout / 5;
      const { id } = await stage.create({ timeout });
      const { id: longer } = await stage.create();
      for (const each of [id, longer]) await stage.store.close(each, 1);
      await stage.pass(timeout * 8);
      answers(await stage.store.find(id), { ok: "tombstone" }, "what is found after eight timeouts");
      await stage.overdue(2 / 5);
      await stage.expired();
      equals(await stage.store.find(id), undefined, "what is found after ten timeouts");
      answers(await stage.store.touch(id, 1), { ok: "ended", why: "unknown" }, "a touch");
      answers(await stage.store.find(longer), { ok: "tombstone" }, "what is found of a session with a longer timeout");
    },
  },
];
