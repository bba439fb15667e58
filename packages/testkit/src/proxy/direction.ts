/** Outward is from the client to the server, inward from the server to the client. */
export type Direction = "outward" | "inward";

/** One direction or both. */
export type Directions = Direction | "both";

export function each(directions: Directions): readonly Direction[] {
  return directions === "both" ? ["outward", "inward"] : [directions];
}
