import { decode } from "../../src/frames/decode.ts";
import type { KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { Frame } from "./setting.ts";

export type AttachOrder = KeeperOrder & { readonly type: "attach" };

const claims = new WeakMap<Frame, AttachOrder | "none">();

/** What the store will be asked because of this frame; undefined: it is no ATTACH. */
export function claimOf(frame: Frame): AttachOrder | undefined {
  let order = claims.get(frame);
  if (order === undefined) {
    const read = decode(frame.bytes);
    order = typeof read === "string" || read.type !== "attach" ? "none" : { type: "attach", id: "", claim: read };
    claims.set(frame, order);
  }
  return order === "none" ? undefined : order;
}
