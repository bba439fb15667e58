/**
 * The grammar of ActiveMQ's composite URIs, `failover:` among them:
 *
 *     composite = scheme ":" ["//"] ( "(" list ")" [ "/" path ] [ "?" pairs ] | list ) [ "#" fragment ]
 *     list      = [ member *( "," member ) [ "," ] ]
 *     member    = composite in parentheses | any other URI
 *
 * Parentheses count everywhere, in values too, and a comma inside of them does not split. A `#` ends the list. One pass finds which
 * parenthesis closes which; each level then jumps over the lists inside it, so the time is linear in the length of the text.
 */
import { redact } from "../endpoint/parse.ts";
import { OptionError } from "../errors/option-error.ts";
import { printPairs, readPairs, type Pairs } from "./pairs.ts";

/** A list as it was written, without a meaning yet. */
export interface Composite {
  /** In lower case: `failover`. */
  readonly scheme: string;
  /** Written with `//` before the parenthesis. */
  readonly slashes: boolean;
  readonly members: readonly Member[];
  /** What stands between the closing parenthesis and the options, without the first `/`. */
  readonly path: string | undefined;
  readonly pairs: Pairs;
  readonly fragment: string | undefined;
}

/** A URI as it was written, or a list inside the list. */
export type Member = string | Composite;

/** A list, and whether its members stood in parentheses. */
export interface Reading { readonly composite: Composite; readonly enclosed: boolean }

/** What a list may cost at most. A list of brokers is nowhere near. */
const longest = 2 ** 20;
const deepest = 16;
const most = 10_000;

/** Reads a composite URI. Throws an `OptionError`, and nothing else, for what is none. */
export function parseComposite(uri: string): Reading {
  if (typeof uri !== "string") throw new OptionError("endpoints", "text such as 'failover:(tcp://10.0.0.1:7000,tcp://10.0.0.2:7000)'", uri);
  if (uri.length > longest) throw new OptionError("endpoints", `a list of at most ${longest} characters`, uri.length);
  const whole = uri.trim();
  const hash = whole.indexOf("#");
  const fragment = hash < 0 ? undefined : whole.slice(hash + 1);
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(whole)?.[1];
  if (scheme === undefined) throw new OptionError("endpoints", "a list with a scheme, such as failover:(uri1,uri2)", redact(whole));
  if (!whole.isWellFormed()) throw new OptionError("endpoints", "text without halves of characters (lone surrogates)");
  checkSpaces(fragment ?? "");
  const text = hash < 0 ? whole : whole.slice(0, hash);
  const source: Source = { text, closers: matchParentheses(text, whole), left: most };
  return readBody(source, scheme, scheme.length + 1, text.length, fragment);
}

/** The list as text that reads as the same list. */
export function printComposite({ scheme, slashes, members, path, pairs, fragment }: Composite): string {
  const list = members.map((member) => typeof member === "string" ? member : printComposite(member));
  return `${scheme}:${slashes ? "//" : ""}(${list.join(",")})${path === undefined ? "" : `/${path}`}${pairs.size === 0 ? "" : `?${printPairs(pairs)}`}${fragment === undefined ? "" : `#${fragment}`}`;
}

/** A list while it is read. */
interface Source {
  readonly text: string;
  /** For each opening parenthesis, by its index, where it is closed. */
  readonly closers: Int32Array;
  /** Members that there may still be. */
  left: number;
}

function readBody(source: Source, scheme: string, start: number, end: number, fragment: string | undefined): Reading {
  const { text, closers } = source;
  const slashes = text.startsWith("//", start) && start + 2 <= end;
  const from = skipSpaces(text, slashes ? start + 2 : start, end);
  const enclosed = from < end && text.charCodeAt(from) === open;
  const to = enclosed ? closers[from] ?? end : end;
  const tail = text.slice(to + 1, end).trim();
  checkSpaces(tail);
  const asks = tail.indexOf("?");
  const path = asks < 0 ? tail : tail.slice(0, asks);
  if (path !== "" && !path.startsWith("/")) throw new OptionError("endpoints", "written with all members inside one pair of parentheses, failover:(uri1,uri2)?key=value: ActiveMQ takes what follows the closing parenthesis for a path, and dials nothing of it", redact(path));
  matchParentheses(path, path); // One that is closed in an option would be open once the option is printed with %29.
  const query = asks < 0 ? "" : tail.slice(asks + 1);
  if (query.includes("?")) throw new OptionError("endpoints", "written with %3F for a question mark inside an option: ActiveMQ reads only what follows the last one, and forgets the options before it");
  const members = readMembers(source, enclosed ? from + 1 : from, to);
  return { composite: { scheme: scheme.toLowerCase(), slashes, members, path: path === "" ? undefined : path.slice(1), pairs: readPairs(query), fragment }, enclosed };
}

/** Cuts at the commas that stand in no parentheses. Nothing behind the last comma is no member. */
function readMembers(source: Source, start: number, end: number): readonly Member[] {
  const { text, closers } = source;
  const members: Member[] = [];
  let from = start;
  for (let index = start; index < end; index += 1) {
    const character = text.charCodeAt(index);
    if (character === open) index = closers[index] ?? end;
    if (character !== comma) continue;
    members.push(readMember(source, from, index));
    from = index + 1;
  }
  if (skipSpaces(text, from, end) < end) members.push(readMember(source, from, end));
  return members;
}

const scheming = /[a-z][a-z\d+.-]*:(?:\/\/)?\(/iy;

function readMember(source: Source, start: number, end: number): Member {
  const from = skipSpaces(source.text, start, end);
  if (from === end) throw new OptionError("endpoints", "written without empty members: ActiveMQ would dial the empty one, and fail, in every round. Take out the comma that is too many");
  source.left -= 1;
  if (source.left < 0) throw new OptionError("endpoints", `a list of at most ${most} members`);
  scheming.lastIndex = from;
  if (scheming.test(source.text)) {
    const colon = source.text.indexOf(":", from);
    return readBody(source, source.text.slice(from, colon), colon + 1, end, undefined).composite;
  }
  const member = source.text.slice(from, end).trimEnd();
  checkSpaces(member);
  return member;
}

const [open, close, comma] = [0x28, 0x29, 0x2c];

function skipSpaces(text: string, from: number, end: number): number {
  let index = from;
  while (index < end && text.charAt(index).trim() === "") index += 1;
  return index;
}

function matchParentheses(text: string, whole: string): Int32Array {
  const limit = /^[^:]*:(?:\/\/)?\s*\(/.test(text) ? deepest : deepest - 1; // Printed, the members get a pair of their own.
  const closers = new Int32Array(text.length);
  const opened: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === open && opened.push(index) > limit) throw new OptionError("endpoints", `written with at most ${deepest} parentheses inside each other`);
    if (character !== close) continue;
    const opener = opened.pop();
    if (opener === undefined) refuseParentheses(whole);
    closers[opener] = index;
  }
  if (opened.length > 0) refuseParentheses(whole);
  return closers;
}

function refuseParentheses(whole: string): never {
  throw new OptionError("endpoints", "written failover:(uri1,uri2)?key=value, with one closing parenthesis for each opening one and the options after the closing parenthesis. In a value parentheses are %28 and %29; a # ends the list and is %23", redact(whole));
}

function checkSpaces(text: string): void {
  if (/[\s\p{Cc}]/u.test(text)) throw new OptionError("endpoints", "written without spaces and control characters, but for spaces around members: in a value a space is + or %20");
}
