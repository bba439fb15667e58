import { codes } from "../../src/frames/codes.ts";
import { decode } from "../../src/frames/decode.ts";
import { body, encode, seal } from "../../src/frames/encode.ts";
import type { Attach, Open, Opened, SessionFrame } from "../../src/frames/frame.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { labels } from "../../src/proof/labels.ts";
import { macBytes } from "../../src/proof/proof.ts";

/** What a client keeps of OPENED. */
export interface Credential { readonly id: Uint8Array; readonly secret: Uint8Array; readonly generation: Uint8Array }

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const grant = { frameMax: 65_536, windowMessages: 1_024, windowBytes: 1_048_576 };
const versions = { versionMin: 1, versionMax: 1, features: 0 };

export function openFrame(given: Partial<Open> = {}): Uint8Array {
  return encode({ type: "open", ...versions, timeout: 0, ...grant, auth: bytesOf("alice"), ...given });
}

export interface AttachGiven extends Partial<Attach> { readonly secretUsed?: Uint8Array }

/** An ATTACH with its proof; `secretUsed`: made with another secret. */
export function attachFrame({ id, secret, generation }: Credential, { secretUsed, ...given }: AttachGiven = {}): Uint8Array {
  const draft = encode({
    type: "attach", restarted: false, early: false, ...versions, id, attach: 1, received: 0, sent: 0, acked: 0, generation, ...grant, auth: bytesOf("alice"),
    mac: new Uint8Array(macBytes), ...given,
  });
  return given.mac === undefined ? seal(draft, nodeHmac(secretUsed ?? secret, labels.attach, body(draft))) : draft;
}

export function credentialOf(opened: SessionFrame | undefined): Credential {
  if (opened?.type !== "opened") throw new Error(`not OPENED but ${opened?.type}`);
  const { id, secret, generation } = opened;
  return { id, secret, generation };
}

/** The mac of an answer to a greeting is right. */
export function proven(credential: Pick<Credential, "secret">, label: string, greeting: Uint8Array, answer: Uint8Array): boolean {
  const mac = nodeHmac(credential.secret, label, greeting, body(answer)).subarray(0, macBytes);
  return mac.every((byte, at) => byte === answer[answer.length - macBytes + at]);
}

export function read(bytes: Uint8Array): SessionFrame {
  const frame = decode(bytes);
  if (typeof frame === "string") throw new Error(frame);
  return frame;
}

export const data = (text: string, acked?: number): Uint8Array => encode({ type: "data", ...(acked !== undefined && { acked }), more: false, text: true, payload: bytesOf(text) });
export const ack = (acked: number): Uint8Array => encode({ type: "ack", acked });
export const ping = (nonce: number, { acked = 0, sent = 0 } = {}): Uint8Array => encode({ type: "ping", nonce, acked, sent });
export const pong = (nonce: number, { acked = 0, sent = 0 } = {}): Uint8Array => encode({ type: "pong", nonce, acked, sent });
export const goodbye = (): Uint8Array => encode({ type: "close", code: codes.normal, received: 0, reason: "" });
export type { Opened };
