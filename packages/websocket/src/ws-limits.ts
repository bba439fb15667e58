import type { Settings } from "./settings.ts";

/** The options of ws that bound a socket, the same on both sides. */
export interface WsLimits {
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  /** Not in the types of ws yet; its own default is 30 s. */
  readonly closeTimeout: number;
  /** Off: it costs memory per socket and CPU per frame, and lengths could only be checked after inflating. */
  readonly perMessageDeflate: false;
}

export function wsLimits({ maxFrameBytes, maxFragments, closeTimeout }: Settings): WsLimits {
  return { maxPayload: maxFrameBytes, maxFragments, maxBufferedChunks: maxFragments, closeTimeout, perMessageDeflate: false };
}
