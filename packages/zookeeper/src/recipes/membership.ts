import { OptionError } from "@holdfast/core";
import { EventEmitter } from "eventemitter3";
import type { Data } from "../jute/sink.ts";
import type { Acl } from "../records/acl.ts";
import { checkPath } from "../records/root.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { unless, type WaitOptions } from "./deadline.ts";
import { checkFolder } from "./folder.ts";
import { Presence } from "./presence.ts";
import { RecipeError } from "./recipe-error.ts";
import { Roster, type Roll } from "./roster.ts";

export interface MembershipOptions {
  /** The name that we are a member by. Nobody else may have it: where somebody has, we wait until it is free. @default none: we only look */
  readonly id?: string;
  /** What we tell the others: an address, a load. Needs an `id`. @default nothing */
  readonly payload?: Data;
  /** Who may do what with the nodes that we create. @default acls.open */
  readonly acl?: readonly Acl[];
}

export interface MembershipChange {
  /** All members by id, with their payloads. */
  readonly members: Roll;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** With a new payload. */
  readonly updated: readonly string[];
}
export interface MembershipEvents {
  changed: [event: MembershipChange];
  /** We are no member any more and hear no more of the others, and it was not `close()`: the session is over, or a server has refused. */
  closed: [event: { readonly error: unknown }];
}

/**
 * Who is there: Curator's `GroupMember`, node for node. A member is an ephemeral node below the group's; it goes with its session, and comes
 * back with the next one.
 */
export class Membership extends EventEmitter<MembershipEvents> implements AsyncDisposable {
  readonly path: string;
  readonly #presence: Presence | undefined;
  readonly #roster: Roster;
  readonly #end = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  #members: Roll = new Map();
  #running: Promise<void> | undefined;

  /** `path`: a node that is used for this group only; it is created when it is missing. Throws an `OptionError` for what cannot work. Nothing is asked before `open()`. */
  constructor(zookeeper: ZooKeeper, path: string, { id, payload, acl }: MembershipOptions = {}) {
    super();
    checkFolder(path);
    if (id !== undefined) checkId(path, id);
    if (id === undefined && payload !== undefined) throw new OptionError("payload", "left out where there is no id: who only looks says nothing");
    this.path = path;
    this.#presence = id === undefined ? undefined : new Presence(zookeeper, { folder: path, id, payload: payload ?? "", acl });
    this.#roster = new Roster(zookeeper, path, acl);
    this.#opened.promise.catch(() => { /* Told in `closed`, too. */ });
  }

  /** All members by id, with their payloads, as they were last heard of. */
  get members(): Roll {
    return this.#members;
  }

  /** Joins, where there is an id, and resolves when all members are known. An aborted `signal` ends the wait only: `close()` ends the rest. */
  async open({ signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#running ??= this.#run();
    await (signal === undefined ? this.#opened.promise : unless(signal, this.#opened.promise));
  }

  /**
   * Tells the others something new. Resolves when a server has it; where our node is not there at the moment, it will come with that. An
   * aborted `signal` ends the wait only. Rejects when we are no member any more.
   */
  async update(payload: Data, { signal }: WaitOptions = {}): Promise<void> {
    if (this.#presence === undefined) throw new OptionError("payload", "given by a member only: this Membership has no id");
    signal?.throwIfAborted();
    const updated = this.#presence.update(payload);
    await (signal === undefined ? updated : unless(signal, updated));
  }

  /** Leaves. Resolves when our node is gone for certain, or the session is. */
  async close(): Promise<void> {
    this.#end.abort(new RecipeError("ZK_CLOSED", this.path, `this membership of ${this.path} is closed: make a new one`, { next: "stop" }));
    await this.#running;
    if (this.#running !== undefined) await this.#presence?.leave();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#end;
    const joined = Promise.withResolvers<void>();
    const kept = this.#presence?.keep(signal, joined.resolve) ?? joined.resolve();
    // Ourselves first, so that the first list has us in it.
    const followed = joined.promise.then(() => this.#roster.follow(signal, (roll) => { this.#read(roll); }));
    try {
      await Promise.race([followed, kept ?? followed]);
    } catch (error) {
      this.#opened.reject(error);
      if (!signal.aborted) this.#tell("closed", { error });
      this.#end.abort(error); // What is left of the two ends with the other.
    }
    joined.resolve();
    await Promise.allSettled([followed, kept]);
  }

  #read(roll: Roll): void {
    const before = this.#members;
    const ids = [...roll.keys()];
    const change: MembershipChange = {
      members: roll,
      joined: ids.filter((id) => !before.has(id)),
      left: [...before.keys()].filter((id) => !roll.has(id)),
      updated: ids.filter((id) => before.has(id) && !same(before.get(id), roll.get(id))),
    };
    this.#members = roll;
    this.#opened.resolve();
    if (change.joined.length + change.left.length + change.updated.length > 0) this.#tell("changed", change);
  }

  /** What a listener throws surfaces as an uncaught error, and breaks nothing here. */
  #tell<Name extends keyof MembershipEvents>(name: Name, ...payload: MembershipEvents[Name]): void {
    try {
      (this.emit as (name: Name, ...payload: MembershipEvents[Name]) => boolean).call(this, name, ...payload);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}

function checkId(path: string, id: string): void {
  if (typeof id !== "string" || id === "" || id.includes("/")) throw new OptionError("id", "a name without a /", id);
  checkPath(`${path}/${id}`, "id");
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}
