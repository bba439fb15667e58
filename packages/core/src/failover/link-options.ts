import { parseList, resolveEntries } from "../endpoint/list.ts";
import { redact, schemeOf } from "../endpoint/parse.ts";
import { checkOnce } from "../endpoint/query.ts";
import { OptionError } from "../errors/option-error.ts";
import type { LinkOptions } from "../link/options.ts";
import { exponential } from "../policy/backoff.ts";
import type { Transport } from "../ports/channel.ts";
import type { Resend } from "../ports/resend.ts";
import { resend } from "../resend/resend.ts";
import type { EndpointEntry } from "../ports/endpoint.ts";
import type { Accept } from "./accept.ts";
import { printComposite, type Composite, type Member } from "./composite.ts";
import { dialList, printMember } from "./dial-list.ts";
import { isFailover, parseFailover, type FailoverUri } from "./failover-uri.ts";
import type { ReadText } from "./fetch-list.ts";
import { failoverDefaults, isBeyondUs, needsAccept, rows, type FailoverOption, type FailoverOptions } from "./option-table.ts";
import { readOptions } from "./option-values.ts";
import { updatedList } from "./updated-list.ts";

/** Options of a link, and what a list needs that others may add to. */
export interface FailoverLinkOptions<Out, In> extends LinkOptions<Out, In> {
  /**
   * Which endpoints may be dialled that do not stand in code: those at `updateURIsURL`, and those that a peer names when it asks us to
   * leave. Hosts, schemes and ports that are left out are those of the list, so `{}` lets others choose among known hosts. @default none: what
   * a peer names is not heeded, and a URI that asks for it is refused
   */
  readonly accept?: Accept;
  /** Reads an `updateURIsURL` that is neither `http:` nor `https:`. @default `connect()` on Node reads files */
  readonly readText?: ReadText;
}

/**
 * The options of a link whose `endpoints` may be a `failover:` URI of any kind: `new Link(withFailover({ endpoints, … }))`. What the
 * URI says becomes options of the link; options with other endpoints are given back as they are. `connect()` does this by itself.
 *
 * Throws an `OptionError` for a URI that is wrong, for an option that no link can do yet, and for one that is also given in code.
 */
export function withFailover<Out, In>(options: FailoverLinkOptions<Out, In>): LinkOptions<Out, In> {
  const { accept, readText: _, ...given } = options;
  const { endpoints, transports } = given;
  if (typeof endpoints !== "string" || !isFailover(endpoints)) return accept === undefined ? options : open(given, plainList(endpoints), {}, options);
  const uri = parseFailover(endpoints);
  for (const name of Object.keys(uri.options) as FailoverOption[]) checkPossible(name, uri.options[name], options); // Keys of a value that readOptions has made.
  const members = dialList(flatten(dialList(uri.members, uri.nested)), new Map()).map(printMember); // The lists inside may repeat a member.
  const list = members.map((member) => inOurWords(member, transports));
  const said = { ...given, ...settings(uri.options, given), ...reserve(uri.options, list, transports) };
  if (accept === undefined) return { ...said, endpoints: list };
  return open(said, list, uri.options, options, (member) => inOurWords(printMember(dialList([member], uri.nested)[0] ?? member), transports));
}

/** The list becomes one that others may add to. */
function open<Out, In>(said: LinkOptions<Out, In>, list: readonly EndpointEntry[], asked: FailoverUri["options"], { accept = {}, readText }: FailoverLinkOptions<Out, In>, complete?: (member: string) => string): LinkOptions<Out, In> {
  const { transports, dialTimeout = 5_000, logger, clock, random, priority } = said;
  const { updateURIsURL, updateURIsSupported: updates = true, reconnectSupported: reconnects = true, rebalanceUpdateURIs: rebalances } = asked;
  const url = updateURIsURL ?? undefined;
  if (!updates && url !== undefined) throw new OptionError("endpoints: ?updateURIsURL", "left out where updateURIsSupported=false: ActiveMQ reads nothing then, and says nothing");
  if (!updates && rebalances === true) throw new OptionError("endpoints: ?rebalanceUpdateURIs", "left out where updateURIsSupported=false: it would do nothing");
  if (!updates && !reconnects) throw new OptionError("accept", "left out where updateURIsSupported=false and reconnectSupported=false: nobody is heeded then");
  const first = priority?.endpoints ?? (priority && list.slice(0, 1).map((entry) => typeof entry === "string" ? entry : entry.uri));
  const source = updatedList(
    { endpoints: list, transports, accept, timeout: Math.min(2_000, dialTimeout / 2), shuffle: said.shuffle ?? true, updates, reconnects, rebalances: rebalances ?? true, ...defined({ url, readText, logger, clock, random }) },
    { first: first ?? [], ...(complete && { complete }) },
  );
  return { ...said, endpoints: source, transports: inUse(transports, list, accept), ...(first && { priority: { ...priority, endpoints: first } }) };
}

/** Those that may ever dial here, so that a transport which does not play a part is not asked whether it can ping. */
function inUse(transports: readonly Transport[], list: readonly EndpointEntry[], accept: Accept): readonly Transport[] {
  if (typeof accept === "function") return transports;
  const schemes = [...resolveEntries(list, transports).map(({ scheme }) => scheme), ...(accept.schemes ?? [])];
  return transports.filter((transport) => transport.schemes.some((scheme) => schemes.includes(scheme)));
}

function plainList(endpoints: LinkOptions<never, never>["endpoints"]): readonly EndpointEntry[] {
  if (typeof endpoints === "string") return parseList(endpoints).members;
  if (Array.isArray(endpoints)) return endpoints as readonly EndpointEntry[]; // isArray forgets what is in it.
  throw new OptionError("accept", "left out where the endpoints come from a source, which decides by itself: see updatedList() of @holdfast/core/failover");
}

function defined<T extends object>(given: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [Name in keyof T]?: Exclude<T[Name], undefined> }; // Less what was undefined.
}

function checkPossible(name: FailoverOption, value: unknown, given: FailoverLinkOptions<never, never>): void {
  const { sets, off = [] } = rows[name];
  if (sets !== undefined) checkOnce(name, value, sets, sets === "outbox.ttl" ? given.outbox?.ttl : sets === "outbox.resend" ? given.outbox?.resend : given[sets]);
  if (isBeyondUs(name, value)) throw new OptionError(`endpoints: ?${name}`, `left out${off.length === 0 ? "" : ` or ${name}=${String(off[0])}`}: links cannot do this yet, and it is not passed over in silence`);
  if (needsAccept(name, value) && given.accept === undefined) throw new OptionError(`endpoints: ?${name}`, "given together with `accept` in code, which says what may be dialled of the endpoints that others name: connect(uri, { accept: { hosts: [\"*.brokers.example\"] } }). Without it whoever can write there could send the link anywhere");
}

type Settings = Pick<LinkOptions<never, never>, "backoff" | "shuffle" | "maxRounds" | "maxInitialRounds" | "warnAfter" | "outbox">;

/** What the URI says, as options of a link. */
function settings(options: FailoverUri["options"], { outbox }: LinkOptions<never, never>): Settings {
  const { randomize, timeout = -1, maxReconnectAttempts = -1, startupMaxReconnectAttempts = -1, warnAfterReconnectAttempts } = options;
  const tracked = tracking(options);
  return {
    ...backoff(options),
    ...(randomize === undefined ? {} : { shuffle: randomize }),
    ...(maxReconnectAttempts < 0 ? {} : { maxRounds: maxReconnectAttempts }),
    ...(startupMaxReconnectAttempts < 0 ? {} : { maxInitialRounds: startupMaxReconnectAttempts }),
    ...(warnAfterReconnectAttempts === undefined ? {} : { warnAfter: Math.max(0, warnAfterReconnectAttempts) }),
    ...(timeout < 0 && tracked === undefined ? {} : { outbox: { ...outbox, ...(timeout < 0 ? {} : { ttl: timeout }), ...(tracked && { resend: tracked }) } }),
  };
}

/** What ActiveMQ calls the message cache. */
function tracking({ trackMessages, maxCacheSize }: FailoverUri["options"]): Resend | undefined {
  if (trackMessages === true && maxCacheSize === 0) throw new OptionError("endpoints: ?maxCacheSize", "at least 1 with trackMessages=true: without room nothing is tracked", 0);
  if (trackMessages === true) return resend(maxCacheSize === undefined ? {} : { maxBytes: maxCacheSize });
  if (maxCacheSize !== undefined && maxCacheSize !== 0 && maxCacheSize !== failoverDefaults.maxCacheSize) throw new OptionError("endpoints: ?maxCacheSize", "written together with trackMessages=true: without it nothing is kept");
  return undefined;
}

function backoff({ initialReconnectDelay: initial, maxReconnectDelay: max, reconnectDelayExponent, useExponentialBackOff }: Partial<FailoverOptions>): Pick<LinkOptions<never, never>, "backoff"> {
  const factor = useExponentialBackOff === false ? 1 : reconnectDelayExponent;
  if (initial === undefined && max === undefined && factor === undefined) return {};
  return { backoff: exponential({ ...(initial === undefined ? {} : { initial }), ...(max === undefined ? {} : { max }), ...(factor === undefined ? {} : { factor }) }) };
}

/** Backups and priorities. An option that would do nothing without its fellow is refused: ActiveMQ passes over it in silence. */
function reserve(options: FailoverUri["options"], list: readonly string[], transports: readonly Transport[]): Pick<LinkOptions<never, never>, "standby" | "priority"> {
  const { backup, backupPoolSize = 1, priorityBackup, priorityURIs } = options;
  if (backup !== true && backupPoolSize > 1) throw new OptionError("endpoints: ?backupPoolSize", "written together with backup=true: without it there are no backups");
  if (priorityBackup !== true && typeof priorityURIs === "string") throw new OptionError("endpoints: ?priorityURIs", "written together with priorityBackup=true: without it there is no priority");
  const primaries = priorityURIs?.split(",").flatMap((written) => membersAt(inOurWords(written.trim(), transports), list));
  return {
    ...(backup === true && { standby: backupPoolSize }),
    ...(priorityBackup === true && { priority: primaries ? { endpoints: primaries } : {} }),
  };
}

/** The members at this place, whatever options they have. */
function membersAt(written: string, list: readonly string[]): readonly string[] {
  const place = (uri: string): string => uri.replace(/\?.*$/s, "").replace(/^[^/]*\/\/[^/]*/, (address) => address.toLowerCase());
  const found = list.filter((member) => place(member) === place(written));
  if (found.length === 0) throw new OptionError("endpoints: ?priorityURIs", "made of members of the list", redact(written));
  return found;
}

/** A `failover:` inside the list stands for its members. Its own order and waits would be those of another link. */
function flatten(members: readonly Member[]): readonly string[] {
  return members.flatMap((member) => {
    if (typeof member === "string") return [member];
    if (member.scheme !== "failover") return [printComposite(member)];
    return flatten(dialList(member.members, innerOptions(member)));
  });
}

function innerOptions({ pairs }: Composite): ReadonlyMap<string, string | undefined> {
  const { options, nested } = readOptions(pairs);
  const [name] = Object.keys(options);
  if (name !== undefined) throw new OptionError(`endpoints: ?${name}`, "written behind the outer list: links cannot keep the options of an inner failover: apart yet");
  return nested;
}

/** ActiveMQ says ssl where we say tls. */
function inOurWords(member: string, transports: readonly Transport[]): string {
  if (schemeOf(member) !== "ssl" || (Array.isArray(transports) && transports.some(({ schemes }) => schemes.includes("ssl")))) return member;
  return `tls${member.slice(3)}`;
}
