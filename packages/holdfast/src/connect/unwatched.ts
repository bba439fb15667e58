import type { Logger, LogRecord, Protocol, Transport } from "@holdfast/core";

type Loud = Logger | undefined;

/** Who was told already. Nobody is told twice, however many links there are. */
const told = new Set<Logger | typeof console.warn>();

/** True where nobody can ask the peer whether it is there. `endpoint` is a label. */
export function isUnwatched(endpoint: string, protocol: Pick<Protocol<never, never>, "pings">, transports: readonly Transport[]): boolean {
  if (protocol.pings) return false;
  const scheme = endpoint.slice(0, endpoint.indexOf(":"));
  return transports.find(({ schemes }) => schemes.includes(scheme))?.traits.pings === false;
}

/** Says once per process, or once per logger, that a silent peer will not be noticed here, and what to do about it. */
export function warnUnwatched(endpoint: string, logger: Loud): void {
  const ear = logger ?? console.warn;
  if (told.has(ear)) return;
  told.add(ear);
  const message = `connected to ${endpoint} without a heartbeat: neither its transport nor plain messages have a ping, so a peer that falls silent goes unnoticed until a write fails. If the peer answers a ping of its own, set protocol: json({ ping, pong }); if it is holdfast too, protocol: framed(); if you can live with it, heartbeat: false, which also ends this warning.`;
  if (logger === undefined) console.warn(`holdfast: ${message}`);
  else tell(logger, { level: "warn", event: "unwatched", message, endpoint });
}

function tell(logger: Logger, record: LogRecord): void {
  try {
    logger(record);
  } catch {
    // A logger that throws must not break what it watches.
  }
}
