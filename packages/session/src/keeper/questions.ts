import { randomBytes } from "node:crypto";
import type { Endpoint } from "@holdfast/core";
import { limits } from "../frames/limits.ts";
import type { Answer } from "../store/store.ts";
import { isPromise } from "./answered.ts";
import type { KeeperSettings } from "./keeper-options.ts";
import type { Authorized, Denied, KeeperAnswer, KeeperOrder } from "./machine/keeper-order.ts";

/** Asks whom the order is for: the store, or the application. */
export function askFor(order: KeeperOrder, { store, authorize }: KeeperSettings, remote: Endpoint): Answer<KeeperAnswer> {
  switch (order.type) {
    case "authorize": return ask(order, authorize, remote);
    case "create": return store.create(order.id, order.session);
    case "find": return store.find(order.id);
    case "attach": return store.attach(order.id, order.claim);
    case "commit": return store.commit(order.id, order.epoch, order.change);
    case "read": return store.read(order.id, order.from, order.limit);
    case "touch": return store.touch(order.id, order.epoch);
    case "close": return store.close(order.id, order.epoch);
    default: return order satisfies never;
  }
}

type AuthorizeOrder = Extract<KeeperOrder, { type: "authorize" }>;

/** An application that throws refuses: it is the way to say no. */
function ask(order: AuthorizeOrder, authorize: KeeperSettings["authorize"], remote: Endpoint): Answer<Authorized | Denied> {
  if (authorize === undefined) return judge(order, "");
  try {
    const answer = authorize(order.auth, { for: order.what, remote, ...(order.what === "attach" && { principal: order.principal }) });
    return isPromise(answer) ? answer.then((principal) => judge(order, principal), () => denied) : judge(order, answer);
  } catch {
    return denied; // What it threw may hold credentials.
  }
}

function judge({ what }: AuthorizeOrder, principal: unknown): Authorized | Denied {
  if (typeof principal !== "string") return denied;
  if (what === "attach") return { ok: "authorized", principal };
  return { ok: "authorized", principal, fresh: { id: randomBytes(limits.id), secret: randomBytes(limits.secret) } };
}

const denied: Denied = { ok: "denied" };
