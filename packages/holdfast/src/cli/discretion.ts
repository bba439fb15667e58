import type { Member, Pairs } from "@holdfast/core/failover";

/** What stands for something that is not shown. */
const hidden = "…";

/** Names that secrets go by, whole or in part. A number may be one, too. */
const secretive = /pass|pwd|secret|token|auth|key|cred|sig|session|cookie|jwt|otp|pin\b/i;

/**
 * A URI, or a list inside the list, without its secrets but with what helps to understand it: userinfo is hidden, and so is every
 * option that is neither a switch nor a number of up to nine digits, or whose name sounds like a secret.
 */
export function discreet(member: Member): Member {
  if (typeof member === "string") return discreetUri(member);
  return { ...member, members: member.members.map(discreet), pairs: discreetPairs(member.pairs) };
}

/** The options behind members as they may be shown. */
export function discreetPairs(pairs: Pairs): Pairs {
  return new Map(Array.from(pairs, ([name, value]) => value === undefined ? [hidden, undefined] : [name, discreetValue(name, value)]));
}

function discreetUri(uri: string): string {
  const opaque = /^([a-z][a-z\d+.-]*:)(?!\/).*@/is;
  if (opaque.test(uri)) return uri.replace(/^([^:]*:).*$/s, `$1${hidden}`); // `user:password@host` looks like one with the scheme `user`.
  const asks = uri.indexOf("?");
  const place = (asks < 0 ? uri : uri.slice(0, asks)).replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, `$1${hidden}@`);
  return asks < 0 ? place : `${place}?${uri.slice(asks + 1).split("&").map(discreetPair).join("&")}`;
}

function discreetPair(pair: string): string {
  const equals = pair.indexOf("=");
  if (equals < 0) return pair === "" ? "" : hidden; // A word without `=` may be a token.
  const name = pair.slice(0, equals);
  return `${name}=${discreetValue(name, pair.slice(equals + 1))}`;
}

function discreetValue(name: string, value: string): string {
  return /^(?:true|false|[+-]?\d{1,9}(?:\.\d{1,9})?)$/i.test(value) && !secretive.test(name) ? value : hidden;
}
