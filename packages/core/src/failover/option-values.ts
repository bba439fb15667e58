import { OptionError } from "../errors/option-error.ts";
import { nearest } from "../words/nearest.ts";
import { checkMember } from "./member.ts";
import { optionNamed, rows, type FailoverOption, type FailoverOptions } from "./option-table.ts";
import type { Pairs } from "./pairs.ts";

/** What the options of a list say: those of the list itself, and what is written behind every member. */
export interface OptionValues {
  readonly options: Partial<FailoverOptions>;
  /** The options behind `nested.`, by their names without it. */
  readonly nested: Pairs;
}

const prefix = "nested.";

/** Gives the options their types. Throws an `OptionError` for a name that is none, with the nearest that is, and for an impossible value. */
export function readOptions(pairs: Pairs): OptionValues {
  const options = new Map<FailoverOption, unknown>();
  const nested = new Map<string, string | undefined>();
  for (const [written, value] of pairs) {
    if (written.startsWith(prefix)) nested.set(inner(written), value);
    else {
      const name = optionNamed(written) ?? refuseName(written, value);
      if (options.has(name)) throw new OptionError(`endpoints: ?${name}`, "written once: it is given with a capital and with a small letter");
      options.set(name, read(name, value));
    }
  }
  return { options: Object.fromEntries(options), nested };
}

/** The same as pairs. */
export function writeOptions({ options, nested }: OptionValues): Pairs {
  return new Map<string, string | undefined>([
    ...Object.entries(options).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)] as const),
    ...Array.from(nested, ([name, value]) => [`${prefix}${name}`, value] as const),
  ]);
}

function inner(written: string): string {
  if (written.length > prefix.length) return written.slice(prefix.length);
  throw new OptionError("endpoints: ?nested.", "followed by the name of an option of the members, as in nested.soTimeout=5000: ActiveMQ would write an option without a name behind every member");
}

function read(name: FailoverOption, written: string | undefined): unknown {
  const row = rows[name];
  const option = `endpoints: ?${name}`;
  if (written === undefined) throw new OptionError(option, `given a value: ${name}=…`);
  switch (row.kind) {
    case "flag": {
      const lower = written.toLowerCase();
      if (lower === "true" || lower === "false") return lower === "true";
      throw new OptionError(option, "true or false (ActiveMQ takes every other word for false)", showValue(written));
    }
    case "number": {
      const value = /^[+-]?\d+(\.\d+)?$/.test(written) ? Number(written) : NaN;
      if (Number.isFinite(value) && row.accepts(value)) return value === 0 ? 0 : value; // No -0.
      throw new OptionError(option, row.expected, showValue(written));
    }
    case "text": {
      if (written.trim() === "") throw new OptionError(option, "given a value");
      if (name === "priorityURIs") for (const member of written.split(",")) checkMember(member.trim(), option);
      return written;
    }
    default: return row satisfies never;
  }
}

/** A number with a unit or a misspelt word is worth showing; anything longer may be a secret that got here by a forgotten `&`. */
function showValue(written: string): string {
  return /^[\w.+-]{0,16}$/.test(written) ? written : "…";
}

function refuseName(written: string, value: string | undefined): never {
  const known = Object.keys(rows);
  const near = nearest(written, known);
  // A word without `=` may be a token.
  const shown = near !== undefined || (value !== undefined && /^[\w.]{1,40}$/.test(written)) ? written : "…";
  const advice = near === undefined ? `one of ${known.join(", ")}, or nested.<option of the members>` : `a known option. Did you mean ${near}?`;
  throw new OptionError(`endpoints: ?${shown}`, advice);
}
