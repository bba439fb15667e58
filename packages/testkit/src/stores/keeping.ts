import type { Frame } from "@holdfast/core";
import type { StoreCase } from "./case.ts";
import { answers, equals } from "./expect.ts";
import type { StoreStage } from "./stage.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, at) => at);

async function kept(stage: StoreStage, messages: readonly Frame[]): Promise<void> {
  const { id } = await stage.create({ maxBytes: 10_000_000 });
  const half = Math.ceil(messages.length / 2);
  await stage.store.commit(id, 1, { append: messages.slice(0, half) });
  await stage.store.append(id, messages.slice(half));
  const found = await stage.other.read(id, 1, messages.length);
  equals(found.length, messages.length, "the number of messages");
  for (const [at, message] of messages.entries()) equals(found[at], { sequence: at + 1, message }, `message ${at + 1}`);
}

export const keeping: readonly StoreCase[] = [
  { sentence: "a text stays a text, and bytes stay bytes", run: (stage) => kept(stage, ["text", new Uint8Array([116, 101, 120, 116]), "text", new Uint8Array([0])]) },
  { sentence: "an empty text and empty bytes are kept, and told apart", run: (stage) => kept(stage, ["", new Uint8Array(), new Uint8Array(), ""]) },
  { sentence: "every byte is kept", run: (stage) => kept(stage, [everyByte, everyByte.toReversed(), new Uint8Array([0xff, 0xfe, 0xc3, 0x28, 0x0d, 0x0a, 0])]) },
  { sentence: "every character is kept", run: (stage) => kept(stage, ["\u0000\r\n\u001b\u007f", "é€😀\ufeff\ufffd", "0", "-1", "1e3", "nil", "{}[]'\"\\"]) },
  { sentence: "bytes that are a part of a larger buffer are kept without the rest", run: (stage) => kept(stage, [everyByte.subarray(10, 20), everyByte.subarray(250)]) },
  { sentence: "a message of a megabyte is kept", run: (stage) => kept(stage, [new Uint8Array(1_048_576).fill(7), "x".repeat(1_000_000)]) },
  { sentence: "a thousand messages are kept in their order", run: (stage) => kept(stage, Array.from({ length: 1_000 }, (_, at) => (at % 2 === 0 ? `text ${at}` : Uint8Array.of(at >> 8, at)))) },
  {
    sentence: "messages outlive an attach, with their numbers",
    run: async (stage) => {
      const subject = await stage.busy({ sent: 3, acked: 1 });
      const before = await stage.messages(subject);
      await stage.attach(subject, { received: 1 });
      equals(await stage.messages(subject), before, "the messages");
    },
  },
  {
    sentence: "messages that come and go by the thousand leave the right ones behind",
    run: async (stage) => {
      const { id } = await stage.create();
      for (let at = 0; at < 300; at += 1) answers(await stage.store.commit(id, 1, { append: [`a${at}`, `b${at}`, `c${at}`], acked: Math.max(0, at * 3 - 7) }), { ok: "committed", sent: at * 3 + 3 }, "the commit");
      equals((await stage.store.read(id, 1, 100)).map(({ sequence, message }) => `${sequence} ${String(message)}`), Array.from({ length: 10 }, (_, at) => `${at + 891} ${"abc"[(at + 890) % 3] ?? ""}${Math.floor((at + 890) / 3)}`), "the messages");
    },
  },
];
