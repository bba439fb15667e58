import type { Millis } from "@holdfast/core";
import { body, encode, seal } from "../../frames/encode.ts";
import type { Refused } from "../../frames/frame.ts";
import { limits } from "../../frames/limits.ts";
import { labels } from "../../proof/labels.ts";
import type { Desk } from "./desk.ts";
import type { RefusalWhy } from "./keeper-host.ts";

export interface Refusal {
  readonly why: RefusalWhy;
  readonly code: number;
  readonly reason: string;
  readonly retryAfter?: Millis;
  readonly received?: number;
  readonly attach?: number;
}

/** Answers a greeting with no, and ends the channel. Proven to whoever has proven itself. */
export function refuse(desk: Desk, { why, code, reason, retryAfter = 0, received = 0, attach = 0 }: Refusal): void {
  const { state, host, policy } = desk;
  const { stage } = state;
  if (stage.phase !== "greeting" && stage.phase !== "opening" && stage.phase !== "attaching") return;
  const frame: Refused = { type: "refused", code, retryAfter, received, attach, reason };
  state.stage = { phase: "over" };
  if (stage.phase === "attaching" && stage.secret !== undefined) {
    const draft = encode({ ...frame, mac: new Uint8Array(limits.mac) });
    host.transmit(seal(draft, policy.hmac(stage.secret, labels.refused, stage.frame, body(draft))));
  } else host.transmit(encode(frame));
  host.done();
  host.tell({ type: "refused", why, code });
}
