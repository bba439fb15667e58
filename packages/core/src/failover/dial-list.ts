import { redact, schemeOf } from "../endpoint/parse.ts";
import { OptionError } from "../errors/option-error.ts";
import { printComposite, type Member } from "./composite.ts";
import { printPairs, type Pairs } from "./pairs.ts";

/** Characters of all members together: `nested.*` is written behind each of them. */
const longest = 2 ** 22;

/**
 * The members as they are dialled: the same one twice counts once, and the nested options stand behind what each brings itself, so
 * that they win where both name one. In a list inside the list they stand behind its members.
 *
 * Throws an `OptionError` for two ways to speak to one port.
 */
export function dialList(members: readonly Member[], nested: Pairs): readonly Member[] {
  const distinct = new Map<string, Member>();
  for (const member of members) {
    const key = identity(member);
    if (!distinct.has(key)) distinct.set(key, member);
  }
  const kept = [...distinct.values()];
  checkPorts(kept);
  const query = printPairs(nested);
  if (kept.reduce((sum, member) => sum + count(member), 0) * query.length > longest) throw new OptionError("endpoints: ?nested.", `shorter: behind all members it makes more than ${longest} characters`);
  return query === "" ? kept : kept.map((member) => append(member, query));
}

/** The URIs in it, lists inside the list included. */
function count(member: Member): number {
  return typeof member === "string" ? 1 : member.members.reduce((sum, inner) => sum + count(inner), 0);
}

function append(member: Member, query: string): Member {
  if (typeof member !== "string") return { ...member, members: member.members.map((inner) => append(inner, query)) };
  return `${member}${member.includes("?") ? (/[?&]$/.test(member) ? "" : "&") : "?"}${query}`;
}

const address = /^([a-z][a-z\d+.-]*:\/\/)((?:[^/?]*@)?)([^/?]*)(.*)$/is;

/** What two members have in common if they are the same: schemes and hosts may be written in capitals. */
function identity(member: Member): string {
  if (typeof member !== "string") return printComposite(member);
  const [, scheme, user, place, rest] = address.exec(member) ?? [];
  return scheme === undefined ? member : `${scheme.toLowerCase()}${user}${place?.toLowerCase()}${rest}`;
}

const wellKnown: Readonly<Record<string, string>> = { ws: ":80", wss: ":443", http: ":80", https: ":443" };

function checkPorts(members: readonly Member[]): void {
  const seen = new Map<string, string>();
  for (const member of members) {
    if (typeof member !== "string") continue;
    const scheme = schemeOf(member) ?? "";
    const place = address.exec(member)?.[3]?.toLowerCase() ?? "";
    const port = /:\d+$/.exec(place)?.[0] ?? wellKnown[scheme];
    if (place === "" || port === undefined) continue;
    const key = place.endsWith(port) ? place : `${place}${port}`;
    const other = seen.get(key) ?? member;
    if (schemeOf(other) !== scheme) throw new OptionError("endpoints", `made of members with a port each (ActiveMQ ignores the scheme and drops the second of ${redact(other)} and ${redact(member)}): one port speaks one of them, so take out the other`);
    seen.set(key, member);
  }
}

/** A member as text. */
export function printMember(member: Member): string {
  return typeof member === "string" ? member : printComposite(member);
}

