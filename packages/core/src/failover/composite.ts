/**
 * The grammar of ActiveMQ's composite URIs, `failover:` among them:
 *
 *     composite = scheme ":" ["//"] ( "(" list ")" [ "/" path ] [ "?" pairs ] | list ) [ "#" fragment ]
 *     list      = [ member *( "," member ) [ "," ] ]
 *     member    = composite in parentheses | any other URI
 *
 * Parentheses count everywhere, in values too, and a comma inside of them does not split. A `#` ends the list. Each level of
 * parentheses is read twice and there are at most 16 of them, so the time is linear in the length of the text.
 */
import { redact } from "../endpoint/parse.ts";
import { OptionError } from "../errors/option-error.ts";
import { printPairs, readPairs, type Pairs } from "./pairs.ts";

/** A list as it was written, without a meaning yet. */
export interface Composite {
  /** In lower case: `failover`. */
  readonly scheme: string;
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
export function parseComposite(text: string): Reading {
  if (typeof text !== "string") throw new OptionError("endpoints", "text such as 'failover:(tcp://10.0.0.1:7000,tcp://10.0.0.2:7000)'", text);
  if (text.length > longest) throw new OptionError("endpoints", `a list of at most ${longest} characters`, text.length);
  const whole = text.trim();
  const hash = whole.indexOf("#");
  const fragment = hash < 0 ? undefined : whole.slice(hash + 1);
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(whole)?.[1];
  if (scheme === undefined) throw new OptionError("endpoints", "a list with a scheme, such as failover:(uri1,uri2)", redact(whole));
  if (!whole.isWellFormed()) throw new OptionError("endpoints", "text without halves of characters (lone surrogates)");
  const body = whole.slice(scheme.length + 1, hash < 0 ? undefined : hash).trim();
  checkParentheses(body, whole);
  checkSpaces(fragment ?? "");
  return readBody(scheme, body, fragment, { left: most });
}

/** The list as text that reads as the same list. */
export function printComposite({ scheme, members, path, pairs, fragment }: Composite): string {
  const list = members.map((member) => typeof member === "string" ? member : printComposite(member));
  return `${scheme}:(${list.join(",")})${path === undefined ? "" : `/${path}`}${pairs.size === 0 ? "" : `?${printPairs(pairs)}`}${fragment === undefined ? "" : `#${fragment}`}`;
}

interface Budget { left: number }

function readBody(scheme: string, text: string, fragment: string | undefined, budget: Budget): Reading {
  const body = (text.startsWith("//") ? text.slice(2) : text).trim();
  const enclosed = body.startsWith("(");
  const end = enclosed ? closing(body) : body.length;
  const tail = body.slice(end + 1).trim();
  checkSpaces(tail);
  const asks = tail.indexOf("?");
  const path = asks < 0 ? tail : tail.slice(0, asks);
  if (path !== "" && !path.startsWith("/")) throw new OptionError("endpoints", "written with all members inside one pair of parentheses, failover:(uri1,uri2)?key=value: ActiveMQ takes what follows the closing parenthesis for a path, and dials nothing of it", redact(path));
  const query = asks < 0 ? "" : tail.slice(asks + 1);
  if (query.includes("?")) throw new OptionError("endpoints", "written with %3F for a question mark inside an option: ActiveMQ reads only what follows the last one, and forgets the options before it");
  const members = split(body.slice(enclosed ? 1 : 0, end), budget).map((member) => readMember(member, budget));
  return { composite: { scheme: scheme.toLowerCase(), members, path: path === "" ? undefined : path.slice(1), pairs: readPairs(query), fragment }, enclosed };
}

function readMember(text: string, budget: Budget): Member {
  const scheme = /^([a-z][a-z\d+.-]*):(?:\/\/)?\(/i.exec(text)?.[1];
  if (scheme !== undefined) return readBody(scheme, text.slice(scheme.length + 1), undefined, budget).composite;
  checkSpaces(text);
  return text;
}

/** Cuts at the commas that stand in no parentheses. Nothing behind the last comma is no member. */
function split(list: string, budget: Budget): readonly string[] {
  const members: string[] = [];
  let depth = 0;
  let from = 0;
  const take = (to: number, last: boolean): void => {
    const member = list.slice(from, to).trim();
    from = to + 1;
    if (member === "" && last) return;
    if (member === "") throw new OptionError("endpoints", "written without empty members: ActiveMQ would dial the empty one, and fail, in every round. Take out the comma that is too many");
    budget.left -= 1;
    if (budget.left < 0) throw new OptionError("endpoints", `a list of at most ${most} members`);
    members.push(member);
  };
  for (let index = 0; index < list.length; index += 1) {
    const character = list.charCodeAt(index);
    if (character === open) depth += 1;
    else if (character === close) depth -= 1;
    else if (character === comma && depth === 0) take(index, false);
  }
  take(list.length, true);
  return members;
}

const [open, close, comma] = [0x28, 0x29, 0x2c];

/** Where the parenthesis that the text begins with is closed. It is: they were counted. */
function closing(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === open) depth += 1;
    else if (character === close) depth -= 1;
    if (depth === 0) return index;
  }
  return text.length;
}

function checkParentheses(body: string, whole: string): void {
  const limit = /^(?:\/\/)?\s*\(/.test(body) ? deepest : deepest - 1; // Printed, the members get a pair of their own.
  let depth = 0;
  for (let index = 0; index < body.length && depth >= 0; index += 1) {
    const character = body.charCodeAt(index);
    if (character === open) depth += 1;
    else if (character === close) depth -= 1;
    if (depth > limit) throw new OptionError("endpoints", `written with at most ${deepest} parentheses inside each other`);
  }
  if (depth === 0) return;
  throw new OptionError("endpoints", "written failover:(uri1,uri2)?key=value, with one closing parenthesis for each opening one and the options after the closing parenthesis. In a value parentheses are %28 and %29; a # ends the list and is %23", redact(whole));
}

function checkSpaces(text: string): void {
  if (/[\s\p{Cc}]/u.test(text)) throw new OptionError("endpoints", "written without spaces and control characters, but for spaces around members: in a value a space is + or %20");
}
