import { OptionError } from "@holdfast/core";

/**
 * What kind of node is created.
 *
 * - `persistent`: stays until it is deleted.
 * - `ephemeral`: ends with the session.
 * - `…Sequential`: a counter of ten digits is added to the name.
 * - `container`: deleted by the servers some time after its last child was.
 * - `ttl`, `ttlSequential`: deleted by the servers when it had no child and no change for `ttl` ms. The servers must have
 *   `extendedTypesEnabled`.
 */
export type CreateMode = "persistent" | "ephemeral" | "persistentSequential" | "ephemeralSequential" | "container" | "ttl" | "ttlSequential";

/** The flags on the wire (`CreateMode.toFlag`). */
export const createFlags: Readonly<Record<CreateMode, number>> = {
  persistent: 0, ephemeral: 1, persistentSequential: 2, ephemeralSequential: 3, container: 4, ttl: 5, ttlSequential: 6,
};

/** The longest TTL in ms: 40 bits (`EphemeralType.TTL`). */
const longestTtl = 2 ** 40 - 1;

export function checkMode(mode: CreateMode, ttl: number | undefined): void {
  if (!Object.hasOwn(createFlags, mode)) throw new OptionError("mode", `one of ${Object.keys(createFlags).join(", ")}`, mode);
  const wanted = mode === "ttl" || mode === "ttlSequential";
  if (!wanted && ttl !== undefined) throw new OptionError("ttl", `left out with the mode ${mode}: only ttl and ttlSequential have one`, ttl);
  if (wanted && !(Number.isInteger(ttl) && (ttl ?? 0) > 0 && (ttl ?? 0) <= longestTtl)) throw new OptionError("ttl", `a whole number of ms from 1 to ${longestTtl}`, ttl);
}

export const isEphemeral = (mode: CreateMode): boolean => mode === "ephemeral" || mode === "ephemeralSequential";
