/** The first byte of a frame: its type in the low four bits, its flags in the high four. */
export const types = {
  open: 1, opened: 2, attach: 3, attached: 4, refused: 5, data: 6, ack: 7, ping: 8, pong: 9, close: 10, moved: 11, goAway: 12, volatile: 13,
} as const;

export const flags = {
  /** ATTACH. */
  restarted: 0x10,
  /** ATTACH: messages follow, before it is answered. */
  early: 0x20,
  /** REFUSED: a mac follows. */
  proven: 0x10,
  /** DATA: `acked` comes first. */
  acks: 0x10,
  /** DATA: the message goes on in the next one. */
  more: 0x20,
  /** DATA and VOLATILE. */
  text: 0x40,
} as const;

/** What OPEN and ATTACH begin with, in ASCII. */
export const magic = [0x48, 0x46, 0x53] as const;
