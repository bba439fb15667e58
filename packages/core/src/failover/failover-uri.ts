import { redact, schemeOf } from "../endpoint/parse.ts";
import { OptionError } from "../errors/option-error.ts";
import { parseComposite, printComposite, type Composite, type Member } from "./composite.ts";
import { dialList } from "./dial-list.ts";
import { checkMember } from "./member.ts";
import { optionNamed, type FailoverOptions } from "./option-table.ts";
import { readOptions, writeOptions, type OptionValues } from "./option-values.ts";
import { readPairs, type Pairs } from "./pairs.ts";

/** What a `failover:` URI says. */
export interface FailoverUri {
  /** In the order written, each as it was written; a list inside the list is a `Composite`. */
  readonly members: readonly Member[];
  /** The options that were given, by ActiveMQ's names. */
  readonly options: Partial<FailoverOptions>;
  /** What is written behind every member when it is dialled: `nested.soTimeout=5000` is `soTimeout` here. */
  readonly nested: Pairs;
  /** Between the parentheses and the options; means nothing. */
  readonly path: string | undefined;
  readonly fragment: string | undefined;
}

/** True for text that is meant as a `failover:` URI, well or badly written. */
export function isFailover(text: string): boolean {
  return /^\s*failover:/i.test(text);
}

/**
 * Reads a `failover:` URI by ActiveMQ's grammar. Where ActiveMQ would take it and mean something else than what is written, it is
 * refused; docs/reference/failover-uri.md lists these cases.
 *
 * Throws an `OptionError`, and nothing else. It shows no secrets.
 */
export function parseFailover(text: string): FailoverUri {
  const { composite, enclosed } = parseComposite(text);
  if (composite.scheme !== "failover") throw new OptionError("endpoints", "a list that begins with failover:", redact(text));
  if (!enclosed) checkLast(composite.members.at(-1));
  const { options, nested } = check(composite);
  dialList(composite.members, nested);
  return { members: composite.members, options, nested, path: composite.path, fragment: composite.fragment };
}

/** The URI as text that reads as the same URI: with parentheses, options in ActiveMQ's spelling, and everything escaped that has to be. */
export function printFailover({ members, options, nested, path, fragment }: FailoverUri): string {
  return printComposite({ scheme: "failover", slashes: false, members, path, pairs: writeOptions({ options, nested }), fragment });
}

/** The members in the order written, as they are dialled: nested options in place, the same member twice counted once. */
export function dialled({ members, nested }: FailoverUri): readonly Member[] {
  return dialList(members, nested);
}

/** Looks at the members and the options of a list, and of the lists inside it. */
function check({ scheme, members, pairs }: Composite): OptionValues {
  const own = scheme === "failover";
  if (own && members.length === 0) throw new OptionError("endpoints", "at least one endpoint", "none");
  for (const member of members) {
    if (typeof member === "string") checkMember(member);
    else check(member);
  }
  return own ? readOptions(pairs) : { options: {}, nested: new Map() };
}

/** Without parentheses the options at the end are those of the last member. Whoever writes one of ours there means the list. */
function checkLast(member: Member | undefined): void {
  if (typeof member !== "string" || schemeOf(member) === "failover") return;
  const query = member.slice(member.indexOf("?") + 1);
  if (query === member) return;
  const name = [...readPairs(query).keys()].find((key) => key.startsWith("nested.") || optionNamed(key) !== undefined);
  if (name === undefined) return;
  throw new OptionError(`endpoints: ?${optionNamed(name) ?? "nested."}`, "behind parentheses, failover:(uri1,uri2)?key=value: without them it is an option of the last member alone. If that is what is meant, write failover:(uri1,uri2?key=value)");
}
