import type { Farewell } from "@holdfast/core";

/** What peers are told when we close, where their transport has words for it (WebSocket close codes: RFC 6455, 7.4.1, and the registry of IANA). */
export const farewells: Readonly<Record<"full" | "crowded" | "late" | "unknown" | "duplicate" | "moving" | "leaving", Farewell>> = {
  full: { code: 1013, reason: "the server is full" },
  crowded: { code: 1013, reason: "too many connections from this address" },
  late: { code: 1008, reason: "no greeting in time" },
  unknown: { code: 1008, reason: "not identified" },
  duplicate: { code: 1008, reason: "connected already" },
  /** Service restart: come back, but to another server. */
  moving: { code: 1012, reason: "please connect elsewhere" },
  /** Going away. */
  leaving: { code: 1001, reason: "the server shuts down" },
};
