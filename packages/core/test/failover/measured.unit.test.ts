import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseComposite, printComposite } from "../../src/failover/composite.ts";
import { printMember } from "../../src/failover/dial-list.ts";
import { dialled, parseFailover } from "../../src/failover/failover-uri.ts";
import { failoverDefaults, type FailoverOptions } from "../../src/failover/option-table.ts";
import { readPairs } from "../../src/failover/pairs.ts";

/** What ActiveMQ Classic 5.17.2 made of a URI. */
interface Measured {
  readonly id: number;
  readonly uri: string;
  /** The list as it was read, where it could be read: the members, the options in each of them, and those of the list. */
  readonly list?: { readonly members: readonly string[]; readonly own: readonly Readonly<Record<string, string>>[]; readonly options: Readonly<Record<string, string>>; readonly path: string | null; readonly fragment: string | null };
  /** What it dialled, and the options that were not at their defaults. Absent where that was not measured. */
  readonly dial?: readonly string[];
  readonly changed?: Partial<FailoverOptions>;
  /** Where it was refused. */
  readonly refused?: "composite" | "options";
}

const { defaults, uris } = JSON.parse(readFileSync(new URL("../../testdata/failover-uris.json", import.meta.url), "utf8")) as { defaults: Partial<FailoverOptions>; uris: readonly Measured[] }; // Our own file.

/** ActiveMQ reads these, and we do not: it would mean something that nobody writes it for. */
const traps: Readonly<Record<number, RegExp>> = {
  6: /\?randomize must be behind parentheses, failover:\(uri1,uri2\)\?key=value/,
  7: /\?randomize must be behind parentheses/,
  32: /%3F for a question mark inside an option/, // ActiveMQ refuses what it has left of it.
  36: /at least one endpoint/,
  39: /without empty members/,
  44: /all members inside one pair of parentheses/,
  59: /one port speaks one of them/,
  62: /ports from 1 to 65535/,
  67: /a list with a scheme/,
  82: /\?nested\. must be followed by the name of an option/,
  84: /\?reconnectDelayExponent must be a number of at least 1/,
};
/** ActiveMQ gets these wrong. */
const right: Readonly<Record<number, readonly string[]>> = {
  81: ["ws://h1:80/mqtt?x=1&token=a%26b", "wss://h2:443/mqtt?token=a%26b"],
};

const asText = (given: ReadonlyMap<string, string | undefined>): object => Object.fromEntries(given);
const query = (uri: string): string => (uri.includes("?") ? uri.slice(uri.indexOf("?") + 1) : "");

describe("a URI that ActiveMQ was asked about", () => {
  it("has ActiveMQ's defaults for what it does not say", () => {
    expect(failoverDefaults).toMatchObject(defaults);
    expect(uris).toHaveLength(54);
  });

  const lists = uris.filter(({ id, list }) => list !== undefined && traps[id] === undefined);
  it.each(lists)("is cut into the same members and options: $id, $uri", ({ uri, list }) => {
    const { composite } = parseComposite(uri);
    const { members, own, options, path, fragment } = list as NonNullable<Measured["list"]>; // Filtered for it.
    expect(composite.members.map(printMember)).toEqual(members);
    expect(composite.members.map((member) => asText(typeof member === "string" ? readPairs(query(member)) : member.pairs))).toEqual(own);
    expect(asText(composite.pairs)).toEqual(options);
    expect({ path: composite.path ?? null, fragment: composite.fragment ?? null }).toEqual({ path, fragment });
    expect(parseComposite(printComposite(composite)).composite).toEqual(composite);
  });

  const understood = uris.filter(({ id, dial }) => dial !== undefined && traps[id] === undefined);
  it.each(understood)("is dialled alike, or right, with the same options: $id, $uri", ({ id, uri, dial, changed }) => {
    const read = parseFailover(uri);
    expect(dialled(read).map(printMember)).toEqual(right[id] ?? dial);
    expect({ ...defaults, ...read.options }).toMatchObject({ ...defaults, ...changed });
  });

  const refused = uris.filter(({ refused: stage }) => stage !== undefined);
  it.each(refused)("is refused where ActiveMQ refuses it: $id, $uri", ({ uri }) => {
    expect(() => parseFailover(uri)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });

  it.each(uris.filter(({ id }) => traps[id] !== undefined))("is refused where ActiveMQ means something else: $id, $uri", ({ id, uri }) => {
    expect(() => parseFailover(uri)).toThrow(traps[id]);
    expect(() => parseFailover(uri)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });

  it("is among those that are looked at above", () => {
    const looked = new Set([...lists, ...understood, ...refused].map(({ id }) => id).concat(Object.keys(traps).map(Number)));
    expect(uris.filter(({ id }) => !looked.has(id))).toEqual([]);
  });
});
