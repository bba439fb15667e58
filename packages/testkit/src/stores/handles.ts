import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";

export const handles: readonly StoreCase[] = [
  {
    sentence: "what one handle has done, the other sees at once",
    run: async (stage) => {
      const subject = await stage.create();
      answers(await stage.other.find(subject.id), { ok: "found", principal: "somebody" }, "what is found");
      await stage.other.commit(subject.id, 1, { received: 2, append: ["x"] });
      equals(await stage.messages(subject), [{ sequence: 1, message: "x" }], "the messages");
      await stage.attach(subject, { sent: 2 });
      answers(await stage.other.touch(subject.id, 1), { ok: "fenced", epoch: 2 }, "a touch by the older owner");
      await stage.other.close(subject.id, 2);
      answers(await stage.store.touch(subject.id, 2), { ok: "ended", why: "closed", received: 2 }, "a touch after the end");
    },
  },
  {
    sentence: "of many attaches at once, each that is accepted gets an epoch of its own, and the higher the number, the higher the epoch",
    run: async (stage) => {
      const subject = await stage.create();
      const attached = await Promise.all(Array.from({ length: 30 }, async (_, at) => [stage.store, stage.other][at % 2]?.attach(subject.id, stage.claim(subject, { attach: ((at * 7) % 30) + 1 }))));
      const epochs = attached.flatMap((answer, at) => (answer?.ok === "attached" ? [{ attach: ((at * 7) % 30) + 1, epoch: answer.epoch }] : [])).toSorted((one, two) => one.epoch - two.epoch);
      equals(epochs.map(({ epoch }) => epoch), epochs.map((_, at) => at + 2), "the epochs");
      equals(epochs.map(({ attach }) => attach), epochs.map(({ attach }) => attach).toSorted((one, two) => one - two), "the attach numbers in order of their epochs");
      answers(epochs.at(-1), { attach: 30 }, "the last attach that was accepted");
    },
  },
  {
    sentence: "of two that attach with the same number at once, one wins and the other is stale",
    run: async (stage) => {
      const subject = await stage.create();
      const claim = stage.claim(subject, { attach: 5 });
      const both = await Promise.all([stage.store, stage.other].map(async (store) => store.attach(subject.id, claim)));
      equals(both.map(({ ok }) => ok).toSorted(), ["attached", "refused"], "the answers");
    },
  },
  {
    sentence: "what an older owner commits while another attaches is either in what the other is told, or fenced",
    run: async (stage) => {
      for (let round = 0; round < 20; round += 1) {
        const subject = await stage.create();
        const [commit, attached] = await Promise.all([
          (async () => stage.store.commit(subject.id, 1, { received: 1, append: ["x"] }))(),
          (async () => stage.other.attach(subject.id, stage.claim(subject, { sent: 1 })))(),
        ]);
        answers(attached, { ok: "attached", received: commit.ok === "committed" ? 1 : 0, sent: commit.ok === "committed" ? 1 : 0 }, `the attach beside a commit that was ${commit.ok}`);
      }
    },
  },
];
