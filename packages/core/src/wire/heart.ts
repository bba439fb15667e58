import { LazyAlarm } from "../clock/lazy-alarm.ts";
import { roundTripTime, startPulse, stepPulse, type PulseState } from "../machine/pulse.ts";
import { patience, type PulseEffect, type PulseEvent, type RoundTripTime } from "../machine/round-trip.ts";
import { detectionBound, type Heartbeat } from "../policy/heartbeat.ts";
import type { Clock, Millis, Random } from "../ports/clock.ts";

/** What a heart beats in: it stamps what goes in and out, and carries out what the pulse decides. */
export interface Body {
  readonly heardAt: Millis;
  readonly sentAt: Millis;
  /** Ask now. `first`: the first ping of a silence. */
  beat(nonce: number, first: boolean): void;
  missed(misses: number, of: number): void;
  suspected(): void;
  /** The peer is presumed gone. */
  gone(maxMisses: number): void;
}

/** The thin driver between the pulse machine and one greeted channel: wakes it, feeds it, obeys it. One alarm. */
export class Heart {
  readonly #policy: Heartbeat;
  readonly #body: Body;
  readonly #clock: Clock;
  readonly #alarm: LazyAlarm<Heart>;
  #pulse: PulseState;
  #stopped = false;

  constructor(policy: Heartbeat, body: Body, clock: Clock, random: Random) {
    this.#policy = policy;
    this.#body = body;
    this.#clock = clock;
    this.#pulse = startPulse(policy, clock.now(), random());
    this.#alarm = new LazyAlarm<Heart>(clock, beat, this);
    this.#alarm.set(this.#pulse.wakeAt);
  }

  get rtt(): RoundTripTime | undefined {
    return roundTripTime(this.#pulse);
  }

  /** Milliseconds from the peer's last proof of life to the verdict. */
  detectionBound(peer?: "silent" | "talking"): Millis {
    return detectionBound(this.#policy, peer, patience(this.#policy, this.rtt));
  }

  /** True when this answer proved the round trip. */
  pong(nonce: number | undefined): boolean {
    const asked = this.#pulse.phase === "asking";
    this.step({ type: "pong", nonce });
    const proven = asked && this.#pulse.phase === "resting";
    if (proven && !this.#stopped) this.#alarm.about(this.#pulse.wakeAt, this.#slack); // Until now it stood at the verdict on the ping.
    return proven;
  }

  /** The alarm rang. Hearts with the same interval beat together, the last of them a little before it is due. */
  wake(): void {
    const { phase, wakeAt } = this.#pulse;
    const early = phase === "resting" && wakeAt - this.#clock.now() < this.#slack;
    this.step(early ? probe : wake);
  }

  step(event: PulseEvent): void {
    if (this.#stopped) return;
    const { heardAt, sentAt } = this.#body;
    const { state, effects } = stepPulse(this.#policy, this.#pulse, event, { now: this.#clock.now(), heardAt, sentAt });
    this.#pulse = state;
    for (const effect of effects) {
      this.#perform(effect);
      if (this.#stopped) return; // The body ended in the middle of the step.
    }
    this.#alarm.set(this.#pulse.wakeAt);
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm.clear();
  }

  /** A ping may come so much too early: a sixteenth of the time between two. */
  get #slack(): Millis {
    return Math.min(this.#policy.interval, this.#policy.sendWithin) / 16;
  }

  #perform(effect: PulseEffect): void {
    switch (effect.type) {
      case "ping": this.#body.beat(effect.nonce, this.#pulse.phase !== "asking" || this.#pulse.firstNonce === effect.nonce); return;
      case "yield": this.#clock.turn(() => { this.step(turned); }); return;
      case "missed": this.#body.missed(effect.misses, effect.of); return;
      case "suspected": this.#body.suspected(); return;
      case "gone": this.#body.gone(this.#policy.maxMisses); return;
      default: effect satisfies never;
    }
  }
}

const wake: PulseEvent = { type: "wake" };
const probe: PulseEvent = { type: "probe" };
const beat = (heart: Heart): void => { heart.wake(); };
const turned: PulseEvent = { type: "turned" };
