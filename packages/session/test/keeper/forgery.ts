import type { Attach, SessionFrame } from "../../src/frames/frame.ts";
import { codes } from "../../src/frames/codes.ts";
import { body, encode, seal } from "../../src/frames/encode.ts";
import { decode } from "../../src/frames/decode.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { labels } from "../../src/proof/labels.ts";
import { attachFrame, type Credential } from "./scripted-client.ts";

/** What an attacker may have: what went over an unprotected wire after OPENED, sessions of its own, and time. */
export interface Loot {
  readonly random: () => number;
  /** The session it wants. It knows its id, and not its secret. */
  readonly victim: Pick<Credential, "id" | "generation">;
  /** ATTACH frames of the victim, as they were sent: all of them were accepted once, or came too late. */
  readonly recorded: readonly Uint8Array[];
  /** A session of its own. */
  readonly own: Credential;
  /** What it makes an ATTACH say. */
  readonly claim: () => Partial<Attach>;
}

export const kinds = ["a random id", "a random proof", "another secret", "another label", "a changed byte", "a cut frame", "a replay", "a proof of nothing"] as const;
export type Kind = (typeof kinds)[number];

/** One attempt to take the victim's session. */
export function forge(kind: Kind, { random, victim, recorded, own, claim }: Loot): Uint8Array {
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const imagined: Credential = { id: victim.id, generation: victim.generation, secret: own.secret };
  const recording = recorded[Math.floor(random() * recorded.length)] as Uint8Array; // There is at least one.
  switch (kind) {
    case "a random id": return attachFrame({ ...own, generation: victim.generation, id: noise(16) }, claim());
    case "a random proof": return attachFrame(imagined, { ...claim(), mac: noise(16) });
    case "another secret": return attachFrame(imagined, claim());
    case "another label": return relabelled(imagined, claim());
    case "a changed byte": return changed(recording, random);
    case "a cut frame": return recording.subarray(0, Math.floor(random() * recording.length));
    case "a replay": return recording;
    case "a proof of nothing": return attachFrame(imagined, { ...claim(), mac: new Uint8Array(16) });
    default: return kind satisfies never;
  }
}

/** Nothing was taken: a refusal, and no other frame. A replay has a proof, and is too late. */
export function harmless(kind: Kind, answers: readonly SessionFrame[]): boolean {
  const [answer] = answers;
  if (answers.length !== 1 || answer?.type !== "refused") return false;
  return answer.code !== codes.staleAttach || kind === "a replay";
}

function relabelled(own: Credential, given: Partial<Attach>): Uint8Array {
  const draft = attachFrame(own, { ...given, mac: new Uint8Array(16) });
  return seal(draft, nodeHmac(own.secret, labels.attached, body(draft)));
}

/** One bit, anywhere, that still makes it another frame. */
function changed(recording: Uint8Array, random: () => number): Uint8Array {
  const bytes = recording.slice();
  const at = Math.floor(random() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return bytes;
}

/** Every byte of an ATTACH stands under its mac: the fields that a man in the middle would like to change, changed. */
export function tampered(recording: Uint8Array): readonly Uint8Array[] {
  const attach = decode(recording);
  if (typeof attach === "string" || attach.type !== "attach") throw new Error("no ATTACH");
  const changes: readonly Partial<Attach>[] = [
    { versionMin: 0 }, { versionMax: 2 }, { features: 1 }, { attach: attach.attach + 1 }, { received: attach.received + 1 }, { sent: attach.sent + 1 }, { acked: attach.acked + 1 },
    { restarted: !attach.restarted }, { frameMax: attach.frameMax - 1 }, { windowMessages: 1 }, { windowBytes: 1 }, { auth: new Uint8Array(3) }, { generation: new Uint8Array(8) },
  ];
  return changes.map((change) => encode({ ...attach, ...change }));
}
