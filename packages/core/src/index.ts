export { Link, type WaitOptions } from "./link/link.ts";
export type { LinkOptions, LinkOutboxOptions } from "./link/options.ts";
export type { OutboxOptions, DropCause } from "./link/outbox.ts";
export type { PriorityOptions } from "./link/priority.ts";
export type { WriteOptions } from "./link/sender.ts";
export type { Closed, Connected, Connecting, Disconnected, Draining, Dropped, DroppedMessage, Failed, Forgotten, LinkEvents, Migrated, Missed, Prepared, Snapshot, Suspected, Waiting } from "./link/events.ts";
export type { Logger, LogRecord } from "./link/logger.ts";

export { framed } from "./protocol/framed.ts";
export { json, type JsonOptions } from "./protocol/json.ts";
export { bytes, text } from "./protocol/plain.ts";

export { constant, custom, exponential, jupiter, steps, type Backoff, type ExponentialOptions, type Jitter, type JitterOptions } from "./policy/backoff.ts";
export { detectionBound, heartbeatPresets, resolveHeartbeat, type Heartbeat, type HeartbeatOptions, type HeartbeatPreset } from "./policy/heartbeat.ts";

export type { Alarm, Clock, Millis, Random } from "./ports/clock.ts";
export type { Advice, Endpoint, EndpointEntry, EndpointSource, NamedEndpoints } from "./ports/endpoint.ts";
export type { DialLimiter } from "./ports/limiter.ts";
export type { Confirming, InFlight, Mouth, Resend } from "./ports/resend.ts";
export type { Channel, ChannelHandler, DialOptions, Farewell, Frame, Listener, ListenOptions, Transport, TransportTraits } from "./ports/channel.ts";
export type { Framer, Framing } from "./ports/framing.ts";
export type { Conversation, LeaveNotice, Line, Messenger, Protocol, Role, Terms } from "./ports/protocol.ts";

export { BackpressureError } from "./errors/backpressure-error.ts";
export { ConnectError } from "./errors/connect-error.ts";
export { FrameError } from "./errors/frame-error.ts";
export { HoldfastError, isHoldfastError, type ErrorDetails, type Next } from "./errors/holdfast-error.ts";
export { LinkError } from "./errors/link-error.ts";
export { OptionError } from "./errors/option-error.ts";
export { TimeoutError } from "./errors/timeout-error.ts";

export { parseEndpoint } from "./endpoint/parse.ts";
export { systemClock } from "./clock/system-clock.ts";
export type { CloseCause, LossCause, MoveCause, Phase, Stage } from "./machine/link-state.ts";
export type { RoundTripTime } from "./machine/round-trip.ts";
