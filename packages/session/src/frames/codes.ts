/** The codes of REFUSED and CLOSE; the values are WebSocket close codes where a WebSocket closes with them. */
export const codes = {
  normal: 1000,
  protocol: 4400,
  unauthorized: 4401,
  badProof: 4403,
  unknownSession: 4404,
  handshakeTimeout: 4408,
  expired: 4410,
  staleAttach: 4424,
  sequenceMismatch: 4425,
  flow: 4426,
  rate: 4429,
  stateLost: 4440,
  diverged: 4441,
  goingAway: 4450,
  busy: 4503,
} as const;
