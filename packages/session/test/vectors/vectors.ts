// What docs/spec/vectors/hfs1.json holds. `node scripts/dev.mjs node --conditions=@holdfast/source packages/session/test/vectors/main.ts` writes it.
import { body, encode, seal } from "../../src/frames/encode.ts";
import type { SessionFrame } from "../../src/frames/frame.ts";
import { labels } from "../../src/proof/labels.ts";
import { portableHmac } from "../../src/proof/portable-hmac.ts";
import { macBytes } from "../../src/proof/proof.ts";
import { fieldsOf, hex, type Fields } from "./in-hex.ts";
import { attach, attached, counting, id, malformed, open, opened, refused, samples, secret } from "./samples.ts";

export interface Vectors {
  readonly about: readonly string[];
  readonly frames: readonly { readonly name: string; readonly fields: Fields; readonly hex: string }[];
  readonly malformed: readonly { readonly why: string; readonly hex: string }[];
  readonly proofs: readonly Proof[];
  readonly greetings: readonly Greeting[];
}
export interface Proof { readonly name: string; readonly key: string; readonly label: string; readonly parts: readonly string[]; readonly hmac: string }
/** A first frame and its answer. A mac is the first 16 bytes of the HMAC of the label and the parts. */
export interface Greeting { readonly name: string; readonly secret: string; readonly asked: Step; readonly answered: Step }
export interface Step { readonly fields: Fields; readonly hex: string; readonly proof?: { readonly label: string; readonly parts: readonly string[]; readonly mac: string } }

export function vectors(): Vectors {
  return {
    about: [
      "Frames, proofs and greetings of HFS/1, as docs/spec/hfs1.md describes them. Bytes are lower-case hexadecimal, numbers are exact.",
      "frames: the fields make the bytes, and the bytes the fields. malformed: each is a protocol error.",
      "proofs: the HMAC-SHA-256 with that key of the label in ASCII, one zero byte, and the parts. A mac on the wire is its first 16 bytes.",
      "greetings: a first frame and what answers it, each as it travels; the parts of a proof are in hexadecimal.",
    ],
    frames: Object.entries(samples).map(([name, frame]) => ({ name, fields: fieldsOf(frame), hex: hex(encode(frame)) })),
    malformed: malformed.map(([why, bytes]) => ({ why, hex: bytes })),
    proofs: [
      proof("no parts", secret, "x"),
      proof("an empty part counts for nothing", secret, labels.attach, new Uint8Array(0), counting(0, 5)),
      proof("parts are not told from each other", secret, labels.attach, counting(0, 2), counting(2, 3)),
      proof("more than a block", counting(1, 64), labels.attached, counting(0, 200)),
      proof("a secret from a master key", counting(0x40, 32), labels.secret, id),
    ],
    greetings: greetings(),
  };
}

function proof(name: string, key: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Proof {
  return { name, key: hex(key), label, parts: parts.map(hex), hmac: hex(portableHmac(key, label, ...parts)) };
}

function greetings(): readonly Greeting[] {
  const asked = proven({ ...attach, auth: new Uint8Array(0) }, labels.attach);
  const restarted = proven({ ...attach, restarted: true, attach: attach.attach + 1, received: 0, sent: 0, acked: 0 }, labels.attach);
  const first = plain(open);
  return [
    { name: "a session is opened", secret: hex(secret), asked: first.step, answered: proven(opened, labels.opened, first.bytes).step },
    { name: "a client returns", secret: hex(secret), asked: asked.step, answered: proven(attached, labels.attached, asked.bytes).step },
    { name: "a restarted client returns", secret: hex(secret), asked: restarted.step, answered: proven({ ...attached, epoch: 3, replayFrom: 1 }, labels.attached, restarted.bytes).step },
    { name: "a client returns too late", secret: hex(secret), asked: asked.step, answered: proven({ ...refused, mac: new Uint8Array(16) }, labels.refused, asked.bytes).step },
    { name: "a client meets a keeper that cannot prove anything", secret: hex(secret), asked: asked.step, answered: plain(refused).step },
  ];
}

interface Travelling { readonly bytes: Uint8Array; readonly step: Step }

function plain(frame: SessionFrame): Travelling {
  const bytes = encode(frame);
  return { bytes, step: { fields: fieldsOf(frame), hex: hex(bytes) } };
}

/** The frame with the mac that belongs to it; `before`: the frame that it answers. */
function proven(frame: SessionFrame, label: string, ...before: readonly Uint8Array[]): Travelling {
  const draft = encode(frame);
  const parts = [...before, body(draft)].map((part) => part.slice());
  const mac = portableHmac(secret, label, ...parts).subarray(0, macBytes);
  const bytes = seal(draft, mac);
  return { bytes, step: { fields: { ...fieldsOf(frame), mac: hex(mac) }, hex: hex(bytes), proof: { label, parts: parts.map(hex), mac: hex(mac) } } };
}
