export { LazyAlarm } from "../clock/lazy-alarm.ts";
export { measure, resolveOutbox, type Outgoing } from "../link/outbox.ts";
export { Reader, type ReaderFlow } from "../link/reader.ts";
export { Sender, type SenderOwner, type Waiting } from "../link/sender.ts";
export { sleep } from "../retry/sleep.ts";
export { asHoldfast } from "../wire/verdict.ts";
export type { WireOwner } from "../wire/wire-owner.ts";
export { Wire, type WireParts } from "../wire/wire.ts";
export { nearest, suggestion } from "../words/nearest.ts";
