import { exponential, resolveHeartbeat, type HeartbeatPreset, type Millis, type Random } from "@holdfast/core";
// The machines themselves are no part of the public API.
import { stepLink, wakeAt } from "../../../core/src/machine/link.ts";
import { idle, type LinkEvent, type LinkState } from "../../../core/src/machine/link-state.ts";
import { startPulse, stepPulse, type PulseState } from "../../../core/src/machine/pulse.ts";
import type { PulseEvent } from "../../../core/src/machine/round-trip.ts";
import type { LinkPolicy } from "../../../core/src/policy/link-policy.ts";
import type { Model } from "./models.ts";

interface Channel { readonly epoch: number; pulse: PulseState | undefined; lastIn: Millis; heardAt: Millis; sentAt: Millis; doubted: boolean; }
type Happening = { readonly at: Millis } & ({ readonly what: "pong"; readonly channel: Channel; readonly nonce: number } | { readonly what: "dialed" | "greeted" | "beat"; readonly channel: Channel } | { readonly what: "wake" });

/** A client of two servers that are always well, by its two machines alone. Whatever it takes for a fault is a mistake. */
export class Client {
  heartbeats = 0;
  kills = 0;
  moves = 0;
  suspicions = 0;
  now: Millis = 0;
  readonly #model: Model;
  readonly #random: Random;
  readonly #heartbeat: ReturnType<typeof resolveHeartbeat>;
  readonly #policy: LinkPolicy;
  #link: LinkState = idle;
  #channels: Channel[] = [];
  /** A handful at a time. */
  #queue: Happening[] = [];

  constructor(preset: HeartbeatPreset, model: Model, random: Random) {
    this.#model = model;
    this.#random = random;
    this.#heartbeat = resolveHeartbeat(preset);
    const { suspectMargin, timeout } = this.#heartbeat;
    this.#policy = {
      backoff: exponential(), endpoints: ["a", "b"], dialTimeout: 5_000, stagger: Infinity, stableAfter: 10_000, maxAttempts: Infinity, maxInitialAttempts: Infinity, maxRounds: Infinity, maxInitialRounds: Infinity,
      giveUpAfter: Infinity, failoverSpread: 0, drainTimeout: 5_000, maxChannels: 4, handover: "settled", reserve: "greeted", spares: 0, suspicion: { suspectMargin, timeout }, priority: undefined,
    };
  }

  /** Until so many pings went out on the channel in use. */
  run(heartbeats: number): void {
    this.#step({ type: "open" });
    while (this.heartbeats < heartbeats) {
      let first = 0;
      for (let index = 1; index < this.#queue.length; index += 1) if ((this.#queue[index]?.at ?? 0) < (this.#queue[first]?.at ?? 0)) first = index;
      const [next] = this.#queue.splice(first, 1);
      if (next === undefined) throw new Error("nothing is left to happen");
      this.now = Math.max(this.now, next.at);
      this.#happen(next);
    }
  }

  #happen(next: Happening): void {
    switch (next.what) {
      case "wake": if (wakeAt(this.#policy, this.#link) <= this.now) this.#step({ type: "wake" }); return;
      case "dialed": this.#step({ type: "dialed", epoch: next.channel.epoch }); return;
      case "greeted": this.#greeted(next.channel); return;
      case "beat": if (next.channel.pulse && next.channel.pulse.wakeAt <= this.now) this.#pulse(next.channel, { type: "wake" }); return;
      case "pong": this.#pong(next.channel, next.nonce); return;
      default: next satisfies never;
    }
  }

  #step(event: LinkEvent): void {
    const { state, effects } = stepLink(this.#policy, this.#link, event, { now: this.now, dice: this.#random() });
    this.#link = state;
    for (const effect of effects) {
      if (effect.type === "dial") this.#later("dialed", this.#channel(effect.epoch));
      else if (effect.type === "greet") this.#later("greeted", this.#channel(effect.epoch));
      else if (effect.type === "hangUp") this.#hangUp(effect.epoch);
      else if (effect.type === "report" && effect.report.name === "migrated") this.moves += 1;
    }
    const at = wakeAt(this.#policy, state);
    if (at < Infinity) this.#queue.push({ at, what: "wake" });
  }

  #later(what: "dialed" | "greeted", channel: Channel): void {
    this.#queue.push({ at: this.now + this.#model(this.#random), what, channel });
  }

  #channel(epoch: number): Channel {
    const known = this.#channels.find((channel) => channel.epoch === epoch);
    if (known) return known;
    const made: Channel = { epoch, pulse: undefined, lastIn: 0, heardAt: this.now, sentAt: this.now, doubted: false, };
    this.#channels.push(made);
    return made;
  }

  /** What the old peer still says is heard until its slot is gone. */
  #hangUp(epoch: number): void {
    this.#channel(epoch).pulse = undefined;
    this.#channels = this.#channels.filter((channel) => channel.epoch > epoch - 8);
  }

  #greeted(channel: Channel): void {
    const before = this.#link;
    this.#step({ type: "greeted", epoch: channel.epoch });
    if (this.#link === before) return;
    channel.pulse = startPulse(this.#heartbeat, this.now, this.#random());
    this.#arm(channel);
  }

  #pong(channel: Channel, nonce: number): void {
    channel.heardAt = this.now;
    if (channel.doubted) {
      channel.doubted = false;
      this.#step({ type: "answered", epoch: channel.epoch });
    }
    this.#pulse(channel, { type: "pong", nonce });
  }

  #pulse(channel: Channel, event: PulseEvent): void {
    if (channel.pulse === undefined) return;
    const { state, effects } = stepPulse(this.#heartbeat, channel.pulse, event, { now: this.now, heardAt: channel.heardAt, sentAt: channel.sentAt });
    channel.pulse = state;
    for (const effect of effects) {
      if (effect.type === "yield") this.#pulse(channel, { type: "turned" });
      else if (effect.type === "ping") this.#ping(channel, effect.nonce);
      else if (effect.type === "suspected" || effect.type === "missed") this.#suspected(channel);
      else this.#gone(channel);
    }
    this.#arm(channel);
  }

  #suspected(channel: Channel): void {
    channel.doubted = true;
    this.suspicions += 1;
    this.#step({ type: "suspected", epoch: channel.epoch });
  }

  #gone(channel: Channel): void {
    this.kills += 1;
    this.#step({ type: "lost", epoch: channel.epoch, cause: "heartbeat", next: "retry", retryAfter: 0 });
  }

  /** TCP keeps the order: an answer waits for those before it. */
  #ping(channel: Channel, nonce: number): void {
    this.heartbeats += 1;
    channel.sentAt = this.now;
    channel.lastIn = Math.max(channel.lastIn, this.now + this.#model(this.#random));
    this.#queue.push({ at: channel.lastIn, what: "pong", channel, nonce });
  }

  #arm(channel: Channel): void {
    const at = channel.pulse?.wakeAt ?? Infinity;
    if (at < Infinity) this.#queue.push({ at, what: "beat", channel });
  }
}
