import type { Frame, Line, Millis, Role } from "@holdfast/core";
import { Arrivals } from "../frames/arrivals.ts";
import { Departures } from "../frames/departures.ts";
import type { SessionFraming } from "../frames/framing.ts";
import type { Moment } from "../time/moment.ts";
import type { ClientMachine } from "./client-machine.ts";
import { isSecure } from "./security.ts";
import { SessionError } from "./session-error.ts";
import { authBytes, type Auth, type SessionSettings } from "./session-options.ts";
import type { ChannelsOwner } from "./session-protocol.ts";
import type { Steps } from "./steps.ts";

/** Whom channels concern. */
export interface SessionChannelsOwner {
  readonly machine: ClientMachine;
  readonly steps: Steps;
  readonly now: Millis;
  /** For what happens often. */
  readonly moment: Moment;
  /** A dial has led to a channel. */
  dialled(): void;
}

interface Contact {
  readonly line: Line<never>;
  readonly endpoint: string;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
}

/** The channels of a session, by the numbers that the machine knows them by. Tells it what happens on them. */
export class SessionChannels implements ChannelsOwner {
  readonly #owner: SessionChannelsOwner;
  readonly #settings: SessionSettings;
  readonly #contacts = new Map<number, Contact>();
  #last = 0;
  /** The one that was asked for last: found without a search. */
  #recent: { readonly channel: number; readonly contact: Contact | undefined } = nobody;

  constructor(owner: SessionChannelsOwner, settings: SessionSettings) {
    this.#owner = owner;
    this.#settings = settings;
  }

  line(channel: number): Line<never> | undefined {
    return this.#contact(channel)?.line;
  }

  /** As `Line.send`. False, too, where there is no such channel. */
  transmit(channel: number, frame: Uint8Array): boolean {
    return this.#contact(channel)?.departures.send(frame) ?? false;
  }

  /** As `Line.done`, after what was transmitted. */
  done(channel: number): void {
    const contact = this.#contact(channel);
    contact?.departures.flush();
    contact?.line.done();
  }

  /** Label of the endpoint. */
  endpointOf(channel: number): string {
    return this.#contacts.get(channel)?.endpoint ?? "";
  }

  arrived(line: Line<never>, { remote }: Role, framing: SessionFraming): number {
    const channel = ++this.#last;
    const { label: endpoint } = remote;
    const arrivals = new Arrivals(line, (frames) => { for (const frame of frames) this.#read(channel, frame); });
    this.#contacts.set(channel, { line, endpoint, arrivals, departures: new Departures(line, framing) });
    this.#owner.dialled();
    const begin = (auth: Auth): void => {
      if (!this.#contacts.has(channel)) return; // It ended while auth was asked for.
      const facts = { endpoint, secure: isSecure(remote), auth: authBytes(auth), frameMax: this.#longestFrame(remote.scheme) };
      this.#owner.steps.run(() => { this.#owner.machine.started(channel, facts, this.#owner.now); });
    };
    const auth = this.#settings.auth(); // What it throws ends the channel.
    if (!(auth instanceof Promise)) begin(auth);
    else auth.then(begin, (cause: unknown) => { line.fail(new SessionError("HF_SESSION_UNAUTHORIZED", `the auth for ${endpoint} could not be had: the function that gives it failed`, { cause, next: "retry" })); });
    return channel;
  }

  frame(channel: number, frame: Frame): void {
    const contact = this.#contact(channel);
    contact?.arrivals.push(frame);
    // The link counts what it answers to a peer that reads nothing, frame by frame.
    if (contact?.departures.blocked === true) contact.arrivals.flush();
  }

  ping(channel: number, nonce: number): void {
    this.#catchUp(channel);
    this.#owner.steps.run(() => { this.#owner.machine.ping(channel, nonce, this.#owner.now); });
  }

  drained(channel: number): void {
    this.#catchUp(channel);
    const contact = this.#contact(channel);
    if (contact !== undefined) contact.departures.blocked = false;
    this.#owner.steps.run(() => { this.#owner.machine.drained(channel); });
  }

  leaving(channel: number): void {
    this.#catchUp(channel);
    this.#owner.steps.run(() => { this.#owner.machine.leaving(channel); });
    this.#contact(channel)?.departures.flush();
  }

  ended(channel: number): void {
    this.#catchUp(channel);
    this.#owner.steps.run(() => {
      this.#owner.machine.ended(channel);
      this.#contacts.delete(channel);
      this.#recent = nobody;
    });
  }

  #contact(channel: number): Contact | undefined {
    if (this.#recent.channel !== channel) this.#recent = { channel, contact: this.#contacts.get(channel) };
    return this.#recent.contact;
  }

  /** Whatever is told about a channel comes after its frames. */
  #catchUp(channel: number): void {
    this.#contact(channel)?.arrivals.flush();
  }

  #read(channel: number, frame: Frame): void {
    const { steps, machine, moment: { now } } = this.#owner;
    if (!steps.enter()) return steps.later(() => { machine.frame(channel, frame, now); });
    try {
      machine.frame(channel, frame, now);
    } finally {
      steps.leave();
    }
  }

  #longestFrame(scheme: string): number {
    const transport = this.#settings.link.transports.find(({ schemes }) => schemes.includes(scheme));
    return transport?.traits.maxFrameBytes ?? this.#settings.policy.grant.frameMax;
  }
}

const nobody = { channel: 0, contact: undefined } as const;
