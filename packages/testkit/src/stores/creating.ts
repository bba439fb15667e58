import type { StoreCase } from "./case.ts";
import { claim } from "../conformance/claim.ts";
import { answers, equals, rejects, show } from "./expect.ts";
import { secret } from "./stage.ts";

const other = { timeout: 5_000, principal: "somebody else", maxBytes: 10 };

export const creating: readonly StoreCase[] = [
  {
    sentence: "a new session has epoch 1, and is told a generation of 8 bytes",
    run: async (stage) => {
      const { epoch, generation } = await stage.create();
      equals([epoch, generation.byteLength], [1, 8], "epoch and length of the generation");
    },
  },
  {
    sentence: "all sessions of a store are told the same generation",
    run: async (stage) => {
      const [first, second] = [await stage.create(), await stage.other.create(stage.id(), other)];
      answers(second, { ok: "created", generation: first.generation }, "the second session");
    },
  },
  {
    sentence: "a new session begins with nothing received, nothing sent and nothing acknowledged",
    run: async (stage) => {
      const subject = await stage.create();
      answers(await stage.tryAttach(subject), { ok: "attached", epoch: 2, received: 0, sent: 0, acked: 0, timeout: stage.timeout }, "the first attach");
      equals(await stage.messages(subject), [], "its messages");
    },
  },
  {
    sentence: "a session is found with the secret, the timeout and the principal that it was created with",
    run: async (stage) => {
      const { id } = await stage.create({ principal: "Zoë 名\u0000 {x}" });
      equals(await stage.store.find(id), { ok: "found", secret, timeout: stage.timeout, principal: "Zoë 名\u0000 {x}" }, "what is found");
    },
  },
  {
    sentence: "a session without a secret is found without one, and an empty principal is one",
    run: async (stage) => {
      const id = stage.id();
      await stage.store.create(id, { timeout: 5_000, principal: "", maxBytes: 10 });
      equals(await stage.store.find(id), { ok: "found", timeout: 5_000, principal: "" }, "what is found");
    },
  },
  {
    sentence: "a session that nobody made is not found",
    run: async (stage) => {
      await stage.create();
      equals(await stage.store.find(stage.id()), undefined, "what is found");
    },
  },
  {
    sentence: "an id that a session has cannot be created again, and the session stays as it was",
    run: async (stage) => {
      const subject = await stage.busy({ received: 3, sent: 2 });
      await rejects(() => stage.store.create(subject.id, other), "create with an id that is in use");
      answers(await stage.store.find(subject.id), { principal: "somebody", timeout: stage.timeout }, "the session");
      equals(await stage.standing(subject), { epoch: 1, received: 3, sent: 2, acked: 0 }, "the session");
    },
  },
  {
    sentence: "an id that left a tombstone cannot be created again",
    run: async (stage) => {
      const { id, epoch } = await stage.create();
      await stage.store.close(id, epoch);
      await rejects(() => stage.store.create(id, other), "create with the id of a session that was closed");
      answers(await stage.store.find(id), { ok: "tombstone", principal: "somebody" }, "the tombstone");
    },
  },
  {
    sentence: "of two that create the same id at once, one succeeds",
    run: async (stage) => {
      const id = stage.id();
      const outcomes = await Promise.allSettled([stage.store, stage.other, stage.store, stage.other].map(async (store) => store.create(id, other)));
      const created = outcomes.filter(({ status }) => status === "fulfilled").length;
      claim(created === 1, `one of four should have created the session, but ${created} did: ${show(outcomes.map(({ status }) => status))}`);
    },
  },
  {
    sentence: "sessions know nothing of each other",
    run: async (stage) => {
      const [first, second] = [await stage.busy({ received: 1, sent: 1 }), await stage.create()];
      await stage.attach(first, { received: 1, sent: 1 });
      equals(await stage.messages(second), [], "messages of the other session");
      equals(await stage.standing(second), { epoch: 1, received: 0, sent: 0, acked: 0 }, "the other session");
    },
  },
];
