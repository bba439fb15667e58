/** What a proof is for, in ASCII: one that was made for a frame is worth nothing in another. */
export const labels = {
  /** Key: the secret. Parts: the OPEN frame, the OPENED frame before its mac. */
  opened: "hfs1 opened",
  /** Key: the secret. Part: the ATTACH frame before its mac. */
  attach: "hfs1 attach",
  /** Key: the secret. Parts: the ATTACH frame, the ATTACHED frame before its mac. */
  attached: "hfs1 attached",
  /** Key: the secret. Parts: the ATTACH frame, the REFUSED frame before its mac. */
  refused: "hfs1 refused",
  /** Key: a keeper's master key. Part: the id. All 32 bytes are the session's secret. */
  secret: "hfs1 secret",
} as const;
