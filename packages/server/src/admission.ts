import type { Endpoint } from "@holdfast/core";
import type { Limits } from "./limits.ts";

/** Counts the seats that are taken, in all and by address. */
export class Admission {
  readonly #limits: Limits;
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes a seat, or says which limit is in the way. */
  enter({ host }: Endpoint): "maxPeers" | "maxPeersPerAddress" | undefined {
    if (this.#taken >= this.#limits.maxPeers) return "maxPeers";
    const address = addressOf(host);
    const there = this.#byAddress.get(address) ?? 0;
    if (address !== "" && there >= this.#limits.maxPeersPerAddress) return "maxPeersPerAddress";
    this.#taken += 1;
    this.#byAddress.set(address, there + 1);
    return undefined;
  }

  leave({ host }: Endpoint): void {
    const address = addressOf(host);
    const there = this.#byAddress.get(address) ?? 0;
    this.#taken -= 1;
    if (there > 1) this.#byAddress.set(address, there - 1);
    else this.#byAddress.delete(address);
  }
}

/** What counts as one address: an IPv6 host stands for its /64 network, since one subscriber has all of it (RFC 6177). */
export function addressOf(host: string): string {
  if (!host.includes(":")) return host;
  const [head = "", tail] = host.toLowerCase().split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => "0"), ...last];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
