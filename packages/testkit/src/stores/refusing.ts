import type { AttachRefusal, Claim } from "@holdfast/session";
import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";
import type { StoreStage, Subject } from "./stage.ts";

const foreign = (): Uint8Array => Uint8Array.from({ length: 8 }, () => Math.floor(Math.random() * 256));

/** Claims that are refused by a session with received 5, sent 4, acked 2 and attach number 10. */
const refusals: readonly { readonly named: string; readonly why: AttachRefusal["why"]; readonly claim: Partial<Claim> }[] = [
  { named: "another generation than the store's is state lost", why: "stateLost", claim: { generation: foreign() } },
  { named: "another generation is state lost also with RESTARTED", why: "stateLost", claim: { generation: foreign(), restarted: true } },
  { named: "the attach number that the store has is stale", why: "stale", claim: { attach: 10 } },
  { named: "a lower attach number than the store has is stale", why: "stale", claim: { attach: 9 } },
  { named: "an attach number that is too low is stale also with RESTARTED", why: "stale", claim: { attach: 10, restarted: true } },
  { named: "more received than the store has for the client is state lost", why: "stateLost", claim: { received: 5 } },
  { named: "more acknowledged than the store has committed is state lost", why: "stateLost", claim: { acked: 6 } },
  { named: "less received than the client has acknowledged is diverged", why: "diverged", claim: { received: 1 } },
  { named: "less sent than the store has committed is diverged", why: "diverged", claim: { sent: 4 } },
  { named: "the generation is looked at before the attach number", why: "stateLost", claim: { generation: foreign(), attach: 10 } },
  { named: "the generation is looked at before the counters", why: "stateLost", claim: { generation: foreign(), received: 1 } },
  { named: "the attach number is looked at before what is lost", why: "stale", claim: { attach: 10, received: 5, acked: 6 } },
  { named: "the attach number is looked at before what has diverged", why: "stale", claim: { attach: 10, received: 1, sent: 4 } },
  { named: "what is lost is looked at before what has diverged: received and sent", why: "stateLost", claim: { received: 5, sent: 4 } },
  { named: "what is lost is looked at before what has diverged: acked and received", why: "stateLost", claim: { acked: 6, received: 1 } },
];

/** What the session's own client would claim. */
const honest: Partial<Claim> = { attach: 11, received: 3, sent: 6, acked: 5 };

async function session(stage: StoreStage): Promise<Subject> {
  const subject = await stage.busy({ received: 5, sent: 4, acked: 2 });
  return stage.attach(subject, { ...honest, attach: 10, received: 2 });
}

export const refusing: readonly StoreCase[] = [
  ...refusals.map(({ named, why, claim }): StoreCase => ({
    sentence: `${named}, and the refusal changes nothing`,
    run: async (stage) => {
      const subject = await session(stage);
      answers(await stage.tryAttach(subject, { ...honest, ...claim }), { ok: "refused", why, received: 5, ...(why === "stale" ? { attach: 10 } : {}) }, "the attach");
      equals((await stage.messages(subject)).map(({ sequence }) => sequence), [3, 4], "the messages that wait");
      answers(await stage.store.touch(subject.id, 2), { ok: "committed", sent: 4 }, "a touch by the owner");
      answers(await stage.tryAttach(subject, honest), { ok: "attached", epoch: 3, received: 5, sent: 4, acked: 3 }, "an attach with the number of the one that was refused");
    },
  })),
  {
    sentence: "a session that never was is unknown",
    run: async (stage) => {
      const subject = await stage.create();
      answers(await stage.store.attach(stage.id(), stage.claim(subject)), { ok: "refused", why: "unknown", received: 0 }, "the attach");
    },
  },
  {
    sentence: "a session that has expired is told so, with what was received",
    run: async (stage) => {
      const subject = await stage.busy({ received: 5 });
      await stage.runOut(subject);
      answers(await stage.tryAttach(subject), { ok: "refused", why: "expired", received: 5 }, "the attach");
    },
  },
  {
    sentence: "a session that was closed is told so, with what was received",
    run: async (stage) => {
      const subject = await stage.busy({ received: 5 });
      await stage.store.close(subject.id, 1);
      answers(await stage.tryAttach(subject), { ok: "refused", why: "closed", received: 5 }, "the attach");
    },
  },
  {
    sentence: "whether there is such a session is looked at before its generation",
    run: async (stage) => {
      const subject = await stage.create();
      await stage.store.close(subject.id, 1);
      answers(await stage.tryAttach(subject, { generation: foreign() }), { ok: "refused", why: "closed" }, "the attach to a session that was closed");
      answers(await stage.store.attach(stage.id(), stage.claim(subject, { generation: foreign() })), { ok: "refused", why: "unknown" }, "the attach to a session that never was");
    },
  },
  {
    sentence: "an attach that is refused renews nothing",
    run: async (stage) => {
      const subject = await session(stage);
      await stage.while();
      for (const claim of [{ attach: 10 }, { received: 1 }, { received: 5 }]) answers(await stage.tryAttach(subject, { ...honest, ...claim }), { ok: "refused" }, "the attach");
      await stage.rest();
      equals(await stage.expired(), [subject.id], "what expires");
    },
  },
];
