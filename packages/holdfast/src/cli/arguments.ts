import { parseArgs } from "node:util";
import { suggestion } from "@holdfast/core/engine";
import { UsageError } from "./usage-error.ts";

/** One option of a command. */
export interface Option {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** How its value is called in the help, such as `<seconds>`. Absent: a switch. */
  readonly value?: string;
  readonly help: string;
}

/** A command as it is explained and read. */
export interface Command {
  readonly name: string;
  /** What stands behind the name, such as `<uri>…`. */
  readonly operands: string;
  readonly summary: string;
  readonly details: readonly string[];
  readonly options: readonly Option[];
  readonly examples: readonly (readonly [command: string, meaning: string])[];
}

/** What was written behind the name of a command. */
export interface Arguments {
  readonly operands: readonly string[];
  has(option: string): boolean;
  /** The value given last. */
  value(option: string): string | undefined;
  values(option: string): readonly string[];
}

/** Throws a `UsageError` that names the nearest option for one that does not exist. */
export function readArguments(command: Command, given: readonly string[]): Arguments {
  const options = Object.fromEntries(command.options.map(({ name, short, value }) => [
    name,
    { type: value === undefined ? "boolean" as const : "string" as const, ...(short === undefined ? {} : { short }) },
  ]));
  // Not strict: parseArgs would complain in words of its own, and we know what is nearest.
  const { tokens } = parseArgs({ args: [...given], options, strict: false, allowPositionals: true, tokens: true });
  const found = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const values = found.get(token.name) ?? [];
    found.set(token.name, [...values, ...readValue(command, token)]);
  }
  const values = (option: string): readonly string[] => found.get(option) ?? [];
  return { operands, values, has: (option) => found.has(option), value: (option) => values(option).at(-1) };
}

interface Token { readonly name: string; readonly rawName: string; readonly value: string | undefined; readonly inlineValue: boolean | undefined }

function readValue({ name: command, options }: Command, { name, rawName, value, inlineValue }: Token): readonly string[] {
  const option = options.find((other) => other.name === name);
  const names = options.map((other) => `--${other.name}`);
  if (option === undefined) throw new UsageError(`${command} has no option ${rawName}.${suggestion(rawName, names)}`);
  if (option.value === undefined) {
    if (inlineValue === true) throw new UsageError(`--${name} is a switch and takes no value`);
    return [];
  }
  // `--send --json` is a forgotten value; `--send=--json` is meant.
  if (value === undefined || (inlineValue !== true && names.includes(value))) throw new UsageError(`--${name} needs a value: --${name} ${option.value}`);
  return [value];
}

/** The value of an option that is one of a few words; undefined where it was not given. */
export function choice<Word extends string>(given: Arguments, option: string, words: readonly Word[]): Word | undefined {
  const value = given.value(option);
  if (value === undefined) return undefined;
  const word = words.find((other) => other === value);
  if (word === undefined) throw new UsageError(`--${option} must be one of ${words.join(", ")}, got ${JSON.stringify(value)}.${suggestion(value, words)}`);
  return word;
}

/** The value of an option that is a number of at least `least`; undefined where it was not given. */
export function numeric(given: Arguments, option: string, { least, whole }: { readonly least: number; readonly whole: boolean }): number | undefined {
  const text = given.value(option);
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isFinite(value) && value >= least && (!whole || Number.isSafeInteger(value))) return value;
  throw new UsageError(`--${option} must be a ${whole ? "whole " : ""}number of at least ${least}, got ${JSON.stringify(text)}`);
}

/** The value of an option that is JSON; undefined where it was not given. */
export function jsonValue(given: Arguments, option: string): unknown {
  const text = given.value(option);
  return text === undefined ? undefined : parseJson(text, `--${option}`);
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${what} must be JSON, such as '{"type":"ping"}' or '"ping"' with its quotes, got ${text}`);
  }
}
