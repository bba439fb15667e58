import { sha1 } from "@noble/hashes/legacy.js";

/** What runs inside Redis as one step. */
export interface Script {
  /** For people who read errors. */
  readonly name: string;
  readonly text: string;
  readonly sha1: string;
}

/**
 * What several scripts use. What a client may choose (`received`, `attach`) is answered as the text that it is kept as: the client of Redis rounds
 * integers near 2^53.
 */
const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function exact(n) return string.format('%.0f', n) end
local function tell(feed, ...)
  redis.call('SPUBLISH', feed, cjson.encode({redis.call('INCR', feed), ...}))
end
local function gone(why, received)
  if why then return {'ended', why, received} end
  if not received then return {'ended', 'unknown', '0'} end
end
local function weight(bytes) if bytes > 0 then return bytes end return 1 end
`;

/** `frees`: runs also where Redis has no memory left for more, because it makes some, or takes next to none. */
export function script(name: string, text: string, { frees = false }: { readonly frees?: boolean } = {}): Script {
  const whole = `#!lua${frees ? " flags=allow-oom" : ""}${prelude}${text.trim()}\n`;
  return { name, text: whole, sha1: hex(sha1(new TextEncoder().encode(whole))) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
