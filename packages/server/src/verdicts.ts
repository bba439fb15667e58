import { LinkError, type Endpoint, type Farewell, type Millis } from "@holdfast/core";
import type { PeerId } from "./events.ts";
import { farewells } from "./farewells.ts";
import type { Limits } from "./limits.ts";

interface Named { readonly id: PeerId; readonly remote: Endpoint }

/** How a peer is called in errors. The id comes from outside, so it is quoted: a line break in it is shown, not obeyed. */
export function nameOf({ id, remote }: Named): string {
  return `peer ${JSON.stringify(id)} (${remote.label})`;
}

/** Why one is turned away at the door, in our words and in those of its transport. */
export function refusal(why: "maxPeers" | "maxPeersPerAddress" | "draining", { label, host }: Endpoint, { maxPeers, maxPeersPerAddress }: Limits): { readonly farewell: Farewell; readonly error: LinkError } {
  switch (why) {
    case "maxPeers": return { farewell: farewells.full, error: new LinkError("HF_TOO_MANY_PEERS", `${label} was refused: ${maxPeers} peers are connected. Raise limits.maxPeers, or add a server`) };
    case "maxPeersPerAddress": return { farewell: farewells.crowded, error: new LinkError("HF_TOO_MANY_PEERS", `${label} was refused: ${maxPeersPerAddress} peers are connected from ${host}. Raise limits.maxPeersPerAddress; behind a proxy, set Infinity`) };
    case "draining": return { farewell: farewells.moving, error: new LinkError("HF_CLOSED", `${label} was refused: this server is draining or closing`) };
    default: return why satisfies never;
  }
}

export function late(phase: "greeting" | "identifying", { label }: Endpoint, greetingTimeout: Millis): LinkError {
  const what = phase === "greeting" ? "did not greet" : "was not identified";
  return new LinkError("HF_GREETING_TIMEOUT", `${label} connected and ${what} within ${greetingTimeout} ms: closed. Raise limits.greetingTimeout if that is too short`);
}

export function duplicate({ remote }: Named, id: PeerId): LinkError {
  return new LinkError("HF_DUPLICATE", `${remote.label} was refused: ${JSON.stringify(id)} is connected already, and stays`);
}

export function replaced(peer: Named, { remote }: Named): LinkError {
  return new LinkError("HF_REPLACED", `${nameOf(peer)} was replaced: it logged in again from ${remote.label}`);
}

export function stalled(peer: Named, stalledAfter: Millis): LinkError {
  return new LinkError("HF_STALLED", `${nameOf(peer)} read nothing for ${stalledAfter} ms: aborted. Raise limits.stalledAfter if peers may be this slow`);
}

export function unparted(peer: Named): LinkError {
  return new LinkError("HF_ABORTED", `${nameOf(peer)} did not take our goodbye in time: aborted`);
}

export function aborted(peer: Named, error: Error | undefined): LinkError {
  return new LinkError("HF_ABORTED", `${nameOf(peer)} was aborted${error === undefined ? "" : `: ${error.message}`}`, { cause: error, next: "stop" });
}

export function shutDown(): LinkError {
  return new LinkError("HF_CLOSED", "this server is draining or closed and accepts nobody any more: make a new one", { next: "stop" });
}
