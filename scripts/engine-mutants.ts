import type { Mutant } from "./mutant.ts";

/** Of core, and of the ZooKeeper client. */
export const engineMutants: readonly Mutant[] = [
  {
    name: "one miss more than maxMisses", file: "machine/round-trip.ts",
    from: "if (misses >= policy.maxMisses && !talking) {",
    to: "if (misses > policy.maxMisses && !talking) {",
  },
  {
    name: "news of a stale epoch is believed", file: "machine/link.ts",
    from: "state.slots.find(({ epoch }) => epoch === event.epoch)",
    to: "state.slots.find(({ epoch }) => epoch === event.epoch) ?? state.slots.at(-1)",
  },
  {
    name: "jitter before the cap", file: "policy/backoff.ts",
    from: "return backoff((attempt) => Math.min(max, initial * Math.min(factor ** (attempt - 1), Number.MAX_VALUE)), jitter);",
    to: "const spread = backoff((attempt) => initial * Math.min(factor ** (attempt - 1), Number.MAX_VALUE), jitter);\n  return { delay: (attempt, dice) => Math.min(max, spread.delay(attempt, dice)) };",
  },
  {
    name: "the attempt count is reset on connect", file: "machine/link.ts",
    from: "{ phase: \"connected\", slots, epoch, course, met: true, downSince, since: now,",
    to: "{ phase: \"connected\", slots, epoch, course: { ...course, attempt: 0 }, met: true, downSince, since: now,",
  },
  {
    name: "half a packet outlives its channel", file: "framing/delimiter.ts",
    from: "return { start: (maxFrameBytes) => new DelimiterFramer(end, maxFrameBytes) };",
    to: "let kept: DelimiterFramer | undefined;\n  return { start: (maxFrameBytes) => (kept ??= new DelimiterFramer(end, maxFrameBytes)) };",
  },
  {
    name: "a late timer judges at once", file: "machine/round-trip.ts",
    from: "const asleep = late > Math.max(50, policy.timeout / 4);",
    to: "const asleep = late < 0;",
  },
  {
    name: "inbound data counts as proof for ever", file: "machine/round-trip.ts",
    from: "const talking = moment.heardAt > state.askedAt && misses < 2 * policy.maxMisses;",
    to: "const talking = moment.heardAt > state.askedAt;",
  },
  {
    name: "close() inside a listener reconnects", file: "link/engine.ts",
    from: "(this.#inbox ??= []).push({ event, error }); // A listener called back: first finish the current step.",
    to: "if (event.type !== \"close\") (this.#inbox ??= []).push({ event, error });",
  },
  {
    name: "the greeting is outside the dial timeout", file: "machine/move.ts",
    from: "replace(state, { ...slot, stage: \"greeting\" })",
    to: "replace(state, { ...slot, stage: \"greeting\", wakeAt: Infinity })",
  },
  {
    name: "a dropped message is not reported", file: "link/outbox.ts",
    from: "for (const victim of victims) this.#owner.dropped(victim, \"overflow\");",
    to: "",
  },
  {
    name: "another session id is believed", in: "zookeeper", file: "session/continuity.ts",
    from: "if (refused || (asked !== 0n && !resumed)) this.#expired();",
    to: "if (refused) this.#expired();",
  },
  {
    name: "credentials come after the watches", in: "zookeeper", file: "session/continuity.ts",
    from: "[...this.authentication.greet(), ...this.watches.restore(this.record.lastZxid)]",
    to: "[...this.watches.restore(this.record.lastZxid), ...this.authentication.greet()]",
  },
  {
    name: "what events tell does not count as seen", in: "zookeeper", file: "session/continuity.ts",
    from: "if (event.zxid > 0n) this.seen(event.zxid);",
    to: "",
  },
  {
    name: "requests come before the watches", in: "zookeeper", file: "protocol/conversation.ts",
    from: "const { opening, terms } = this.#host.welcomed(welcome);",
    to: "const { opening, terms } = this.#host.welcomed(welcome);\n    this.#line.greeted(terms);",
  },
  {
    name: "the session is proven by the answer's time", in: "zookeeper", file: "protocol/conversation.ts",
    from: "this.#host.proven(request.sentAt);",
    to: "this.#host.proven(this.#role.clock.now());",
  },
  {
    name: "an answer out of order is believed", in: "zookeeper", file: "protocol/conversation.ts",
    from: "if (request?.xid !== xid) return",
    to: "if (request === undefined) return",
  },
  {
    name: "an answer that is too long ends the connection", in: "zookeeper", file: "protocol/framing.ts",
    from: "return length >= 0 && (this.#greeted || length <= longestGreeting);",
    to: "return length >= 0 && length <= this.#max && (this.#greeted || length <= longestGreeting);",
  },
  {
    name: "a node that is gone is told of twice", in: "zookeeper", file: "watches/registry.ts",
    from: "const again = this.#told?.has(key) === true;",
    to: "const again = false;",
  },
  {
    name: "watches are set again in one packet", in: "zookeeper", file: "watches/restore.ts",
    from: "if (size + bytes > batch) cut();",
    to: "",
  },
];
