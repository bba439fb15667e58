import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";

export const attaching: readonly StoreCase[] = [
  {
    sentence: "each attach that is accepted raises the epoch by one",
    run: async (stage) => {
      const subject = await stage.create();
      for (const attach of [1, 2, 3]) answers(await stage.tryAttach(subject, { attach }), { ok: "attached", epoch: attach + 1 }, `attach ${attach}`);
    },
  },
  {
    sentence: "an accepted attach tells how much of the client is handled, what was sent to it, what it acknowledged, and its timeout",
    run: async (stage) => {
      const subject = await stage.busy({ received: 7, sent: 5, acked: 2 });
      answers(await stage.tryAttach(subject, { received: 3, sent: 9, acked: 7 }), { ok: "attached", epoch: 2, received: 7, sent: 5, acked: 3, timeout: stage.timeout }, "the attach");
    },
  },
  {
    sentence: "an accepted attach lets go of the messages up to its `received`, and of no others",
    run: async (stage) => {
      const subject = await stage.busy({ sent: 4, acked: 1 });
      await stage.attach(subject, { received: 3 });
      equals(await stage.messages(subject), [{ sequence: 4, message: "message 4" }], "the messages left");
    },
  },
  {
    sentence: "an attach whose counters are exactly the store's is accepted",
    run: async (stage) => {
      const subject = await stage.busy({ received: 4, sent: 3, acked: 3 });
      answers(await stage.tryAttach(subject, { received: 3, sent: 4, acked: 4 }), { ok: "attached", acked: 3, received: 4 }, "the attach");
    },
  },
  {
    sentence: "an attach that has received nothing more than it acknowledged lets nothing go",
    run: async (stage) => {
      const subject = await stage.busy({ sent: 3, acked: 1 });
      await stage.attach(subject, { received: 1 });
      equals((await stage.messages(subject)).map(({ sequence }) => sequence), [2, 3], "the messages left");
    },
  },
  {
    sentence: "an attach with RESTARTED is not asked for its counters, and gets all that was never acknowledged",
    run: async (stage) => {
      const subject = await stage.busy({ received: 4, sent: 3, acked: 1 });
      answers(await stage.tryAttach(subject, { restarted: true }), { ok: "attached", received: 4, sent: 3, acked: 1 }, "an attach that knows nothing");
      answers(await stage.tryAttach(subject, { attach: 2, restarted: true, received: 99, acked: 99, sent: 99 }), { ok: "attached", received: 4, sent: 3, acked: 1 }, "an attach that claims too much");
      equals((await stage.messages(subject)).map(({ sequence }) => sequence), [2, 3], "the messages left");
    },
  },
  {
    sentence: "attach numbers are kept exactly, up to 2^53 - 1",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.attach(subject, { attach: 1_764_000_000_123 });
      await stage.attach(subject, { attach: Number.MAX_SAFE_INTEGER - 1 });
      answers(await stage.tryAttach(subject, { attach: Number.MAX_SAFE_INTEGER - 1 }), { ok: "refused", why: "stale", attach: Number.MAX_SAFE_INTEGER - 1 }, "the same number again");
      await stage.attach(subject, { attach: Number.MAX_SAFE_INTEGER });
      answers(await stage.tryAttach(subject, { attach: Number.MAX_SAFE_INTEGER }), { ok: "refused", why: "stale", attach: Number.MAX_SAFE_INTEGER }, "the highest number again");
    },
  },
  {
    sentence: "counters are kept exactly, up to 2^53 - 1",
    run: async (stage) => {
      const subject = await stage.create();
      const received = Number.MAX_SAFE_INTEGER;
      await stage.store.commit(subject.id, subject.epoch, { received });
      answers(await stage.tryAttach(subject, { sent: received - 1 }), { ok: "refused", why: "diverged", received }, "an attach that sent one less");
      answers(await stage.tryAttach(subject, { sent: received }), { ok: "attached", received }, "an attach that sent as much");
    },
  },
  {
    sentence: "an attach does not change what is found",
    run: async (stage) => {
      const subject = await stage.create();
      const before = await stage.store.find(subject.id);
      await stage.attach(subject);
      equals(await stage.store.find(subject.id), before, "what is found");
    },
  },
  {
    sentence: "an attach renews the deadline",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.while();
      await stage.attach(subject);
      await stage.while();
      equals(await stage.expired(), [], "what expires");
    },
  },
  {
    sentence: "a session that is overdue lives until `expire` takes it: an attach saves it",
    run: async (stage) => {
      const subject = await stage.busy({ received: 2, sent: 2 });
      await stage.overdue();
      answers(await stage.tryAttach(subject, { received: 1, sent: 2 }), { ok: "attached", epoch: 2, received: 2 }, "the attach");
      equals(await stage.expired(), [], "what expires");
    },
  },
];
