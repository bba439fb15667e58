import type { Mutant } from "./mutant.ts";

type Break = Omit<Mutant, "in">;

const store: readonly Break[] = [
  {
    name: "a commit of an old epoch is taken (no fence)", file: "store/memory-store.ts",
    from: "if (row.epoch !== epoch) return fenced(row);\n    if (acked > row.queue.sent)",
    to: "if (acked > row.queue.sent)",
  },
  {
    name: "a touch of an old epoch is taken", file: "store/memory-store.ts",
    from: "if (row.epoch !== epoch) return fenced(row);\n    this.#renew(row);",
    to: "this.#renew(row);",
  },
  {
    name: "any attach number is taken", file: "store/attach-rules.ts",
    from: "if (claim.attach <= standing.attach) return refusal(\"stale\", standing);",
    to: "",
  },
  {
    name: "nothing is let go at an attach (no trim)", file: "store/memory-store.ts",
    from: "if (!claim.restarted) this.#bytes -= queue.letGo(claim.received);",
    to: "",
  },
  {
    name: "a gap is not taken for another holder (no DIVERGED)", file: "store/attach-rules.ts",
    from: "if (claim.received < standing.acked || claim.sent < standing.received) return refusal(\"diverged\", standing);",
    to: "",
  },
  {
    name: "the generation is not looked at", file: "store/attach-rules.ts",
    from: "if (!same(claim.generation, generation)) return refusal(\"stateLost\", standing);",
    to: "",
  },
  {
    name: "RESTARTED is ignored", file: "store/attach-rules.ts",
    from: "if (claim.restarted) return undefined;",
    to: "",
  },
];

const keeper: readonly Break[] = [
  {
    name: "what is handled is acknowledged before it is committed", file: "keeper/machine/acknowledgements.ts",
    from: "if (ledger.received <= inflow.told) return undefined;\n  inflow.bytes -= letGo(inflow.sizes, ledger.received - inflow.told);\n  inflow.told = ledger.received;\n  inflow.ackAt = Infinity;\n  return ledger.received;",
    to: "if (ledger.handled <= inflow.told) return undefined;\n  inflow.bytes -= letGo(inflow.sizes, ledger.handled - inflow.told);\n  inflow.told = ledger.handled;\n  inflow.ackAt = Infinity;\n  return ledger.handled;",
  },
  {
    name: "a channel begins to count where the keeper does not (no server dedupe)", file: "keeper/machine/keeper-state.ts",
    from: "inflow: { pieces: noPieces(), counted: received, told: received,",
    to: "inflow: { pieces: noPieces(), counted: 0, told: received,",
  },
  {
    name: "the client's messages go on where the last channel stopped to count", file: "keeper/machine/greeting.ts",
    from: "const { epoch, received, acked, timeout } = answer;",
    to: "const { epoch, acked, timeout } = answer;\n  const received = attach.acked;",
  },
  {
    name: "messages go out with the next attach only (replay only)", file: "keeper/machine/commits.ts",
    from: "numbered(desk, drafts, sent);\n  pump(desk);",
    to: "",
  },
  {
    name: "an acknowledgement of what was not sent is taken", file: "keeper/machine/speech.ts",
    from: "if (acked > outflow.transmitted || acked < ledger.acked) {",
    to: "if (acked < ledger.acked) {",
  },
  {
    name: "the checkpoint is not looked at", file: "keeper/machine/speech.ts",
    from: "if (sent === inflow.counted) return true;",
    to: "if (sent === sent + 0 * inflow.counted) return true;",
  },
  {
    name: "sessions expire although the keeper had stood still", file: "keeper/expiry.ts",
    from: "if (!chronic) this.#pause(",
    to: "if (late < 0) this.#pause(",
  },
  {
    name: "macs are compared byte by byte", file: "keeper/keeper-options.ts",
    from: "equal: timingSafeEqual,",
    to: "equal: (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0,",
  },
  {
    name: "a client may send more bytes than its window", file: "keeper/machine/inflow.ts",
    from: "if (!alone && inflow.bytes > grant.windowBytes)",
    to: "if (!alone && inflow.bytes > 2 * grant.windowBytes)",
  },
  {
    name: "the store is asked although a derived secret shows a wrong proof", file: "keeper/machine/greeting.ts",
    from: "if (desk.policy.masterKey !== undefined && !prove(desk, stage, derived(desk, attach.id))) return;",
    to: "",
  },
  {
    name: "each PING is answered by a PONG of its own", file: "keeper/machine/renewal.ts",
    from: "  attached.beats.nonce = nonce;\n  renew(desk);",
    to: "  if (attached.beats.nonce !== undefined) answerPing(desk);\n  attached.beats.nonce = nonce;\n  renew(desk);",
  },
  {
    name: "a PONG does not wait for the store", file: "keeper/machine/renewal.ts",
    from: "  else touch(desk);",
    to: "  else { touch(desk); answerPing(desk); }",
  },
  {
    name: "a refusal is proven although the store may have attached", file: "keeper/machine/greeting.ts",
    from: "if (stage.phase === \"attaching\") stage.secret = undefined;",
    to: "",
  },
  {
    name: "an early message that the store has is handled again", file: "keeper/machine/inflow.ts",
    from: "if (inflow.counted <= inflow.told) return;",
    to: "",
  },
  {
    name: "any number of early messages is kept for whoever greets", file: "keeper/machine/greeting.ts",
    from: "if (stage.earlyBytes > limits.earlyBytes) refuse(",
    to: "if (stage.earlyBytes < 0) refuse(",
  },
];

const client: readonly Break[] = [
  {
    name: "a returning client is put to rest by anybody who says UNAUTHORIZED", file: "client/refusals.ts",
    from: "if (frame.code === codes.unauthorized && (proven || channel.attach === 0))",
    to: "if (frame.code === codes.unauthorized)",
  },
  {
    name: "what comes twice is delivered twice (no client dedupe)", file: "client/receiving.ts",
    from: "if (channel.arrived === delivered + 1) return",
    to: "if (channel.arrived <= delivered + 1) return",
  },
  {
    name: "what comes twice is not acknowledged again (no re-ack)", file: "client/receiving.ts",
    from: "if (channel.arrived <= handled && channel.stage === \"attached\") acknowledgeNow(client, channel, true);",
    to: "",
  },
  {
    name: "an acknowledgement of what was not sent is taken by the client", file: "client/receiving.ts",
    from: "if (number < channel.heard || number > channel.put) {",
    to: "if (number < channel.heard) {",
  },
  {
    name: "the alarm of a session at rest is not cleared", file: "client/ending.ts",
    from: "state.incoming.ackAt = state.closeBy = Infinity;",
    to: "",
  },
  {
    name: "the wall clock says when a session is presumed over", file: "client/greeting.ts",
    from: "claimed: state.incoming.handled, claimedSent, sentAt: now,",
    to: "claimed: state.incoming.handled, claimedSent, sentAt: policy.wallClock(),",
  },
  {
    name: "a message of the old channel is not put among the early ones", file: "client/sending.ts",
    from: "  if (state.channels.length > 1) putEarly(client, number, message, size);",
    to: "",
  },
  {
    name: "early messages that found no room are left out of the count", file: "client/early.ts",
    from: "    channel.blocked = !host.transmit(channel.number, encodeData(nothing));\n",
    to: "",
  },
  {
    name: "the early messages are said again after the answer", file: "client/answers.ts",
    from: "if (!channel.early) channel.put = received;",
    to: "channel.put = received;",
  },
  {
    name: "MOVED is believed while an ATTACH of its own is unanswered", file: "client/ownership.ts",
    from: "if (heldMoved === 0 || isAttaching(state)) return;",
    to: "if (heldMoved === 0) return;",
  },
  {
    name: "a later ATTACH of its own is not waited for", file: "client/ownership.ts",
    from: "if (heldMoved > epoch && state.channels.some(({ stage, attach }) => stage === \"greeting\" && attach > channel.attach)) return true;",
    to: "",
  },
  {
    name: "an unanswered ATTACH leaves no doubt", file: "client/ownership.ts",
    from: "return doubtfulAttach > answeredAttach;",
    to: "return doubtfulAttach < answeredAttach - doubtfulAttach - Infinity;",
  },
  {
    name: "it wakes for acknowledgements that it may not send", file: "client/client-machine.ts",
    from: "state.active === 0 || isAttaching(state) ? Infinity : state.incoming.ackAt",
    to: "state.active === 0 ? Infinity : state.incoming.ackAt",
  },
];

const frames: readonly Break[] = [
  {
    name: "a length is believed before it is looked at", file: "frames/source.ts",
    from: "return this.#skip(length) ? this.#bytes.slice(this.#at - length, this.#at) : nothing;",
    to: "const room = new Uint8Array(length);\n    if (this.#skip(length)) room.set(this.#bytes.subarray(this.#at - length, this.#at));\n    return room;",
  },
  {
    name: "a reason is not cut", file: "frames/reason.ts",
    from: "const bytes = new Uint8Array(limits.reason);\n  // A character has at least one byte, so no more of them are looked at than may fit.\n  const { written } = encoder.encodeInto(reason.slice(0, limits.reason)",
    to: "const bytes = new Uint8Array(limits.reason * 100);\n  const { written } = encoder.encodeInto(reason",
  },
];

/** Each is one promise of docs/spec/hfs1.md that is not kept. */
export const sessionMutants: readonly Mutant[] = [...store, ...keeper, ...client, ...frames].map((mutant) => ({ ...mutant, in: "session" as const }));
