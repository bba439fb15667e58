// The first frame and its answer: who may come in, and whose session it is. Nothing is kept of a client before its proof was found right.
import type { Millis } from "@holdfast/core";
import { codes } from "../../frames/codes.ts";
import { decode } from "../../frames/decode.ts";
import { body, encode, seal } from "../../frames/encode.ts";
import type { Attach, Open, Versions } from "../../frames/frame.ts";
import { limits } from "../../frames/limits.ts";
import { labels } from "../../proof/labels.ts";
import type { AttachRefusal, Attachment, Created, Found, Full, SessionId, Tombstone } from "../../store/store.ts";
import type { Desk } from "./desk.ts";
import type { Authorized, Denied } from "./keeper-order.ts";
import { heartbeatFor, rules } from "./keeper-policy.ts";
import { attachedStage, type Attaching, type Beats, type Opening } from "./keeper-state.ts";
import { pump } from "./outflow.ts";
import { refuse, type Refusal } from "./refusals.ts";
import { sessionId } from "./session-id.ts";
import { hear } from "./speech.ts";

/** The first frame of a channel. */
export function greet(desk: Desk, frame: Uint8Array | string): void {
  if (typeof frame === "string") return refuse(desk, protocol("a text frame"));
  const greeting = decode(frame); // It knows how long a greeting may be.
  if (typeof greeting === "string") return refuse(desk, protocol(greeting));
  if (greeting.type !== "open" && greeting.type !== "attach") return refuse(desk, protocol("neither OPEN nor ATTACH came first"));
  if (!speaks(greeting)) return refuse(desk, protocol(`version ${rules.version} is spoken here`));
  if (greeting.type === "open") begin(desk, greeting, frame);
  else resume(desk, greeting, frame);
}

/** The application has seen the credentials. */
export function authorized(desk: Desk, answer: Authorized | Denied): void {
  const { stage } = desk.state;
  if (stage.phase === "opening") create(desk, stage, answer);
  else if (stage.phase === "attaching") claim(desk, stage, answer);
}

function begin(desk: Desk, open: Open, frame: Uint8Array): void {
  const { state, policy, host } = desk;
  if (!state.secure && !policy.allowPlaintext) return refuse(desk, { why: "insecure", code: codes.unauthorized, reason: "a session is opened on encrypted channels only" });
  const retryAfter = host.admit({ what: "open" });
  if (retryAfter > 0) return refuse(desk, busy(retryAfter));
  state.stage = { phase: "opening", open, frame, principal: "", askedAt: desk.now, fresh: undefined };
  host.ask({ type: "authorize", what: "open", auth: open.auth });
}

function create(desk: Desk, stage: Opening, answer: Authorized | Denied): void {
  const { policy, host } = desk;
  if (answer.ok !== "authorized" || answer.fresh === undefined) return refuse(desk, unauthorized);
  const id = sessionId(answer.fresh.id);
  stage.principal = answer.principal;
  stage.askedAt = desk.now;
  stage.fresh = { id: answer.fresh.id, secret: derived(desk, answer.fresh.id) ?? answer.fresh.secret };
  const { timeoutMin, timeoutMax, timeoutUsual } = policy;
  const timeout = stage.open.timeout === 0 ? timeoutUsual : Math.min(timeoutMax, Math.max(timeoutMin, stage.open.timeout));
  host.ask({ type: "create", id, session: { ...(policy.masterKey === undefined && { secret: stage.fresh.secret }), timeout, principal: stage.principal, maxBytes: policy.maxBytes } });
}

/** The session is in the store: answers the OPEN. */
export function created(desk: Desk, id: SessionId, timeout: Millis, answer: Created | Full): void {
  const { state, policy, host, now } = desk;
  if (state.stage.phase !== "opening") {
    // The client left before it could hear of its session: nobody will ever come for it.
    if (answer.ok === "created") host.ask({ type: "close", id, epoch: answer.epoch });
    return;
  }
  const { open, frame, fresh, principal, askedAt } = state.stage;
  if (answer.ok === "full" || fresh === undefined) return refuse(desk, busy(fullDelay));
  const { epoch, generation } = answer;
  const draft = encode({
    type: "opened", version: rules.version, features: open.features & rules.features, id: fresh.id, secret: fresh.secret, epoch,
    timeout, heartbeat: heartbeatFor(policy, timeout), ...policy.grant, generation, mac: noMac,
  });
  state.stage = attachedStage(id, { epoch, received: 0, sent: 0, acked: 0, timeout }, open, freshBeats(now), askedAt);
  host.transmit(seal(draft, policy.hmac(fresh.secret, labels.opened, frame, body(draft))));
  host.tell({ type: "opened", id, epoch, principal, timeout });
  host.greeted({ resumed: false });
}

function resume(desk: Desk, attach: Attach, frame: Uint8Array): void {
  if (attach.early && attach.restarted) return refuse(desk, protocol("EARLY, and counts that mean nothing"));
  const retryAfter = desk.host.admit({ what: "attach" });
  if (retryAfter > 0) return refuse(desk, busy(retryAfter));
  const id = sessionId(attach.id);
  const stage: Attaching = { phase: "attaching", attach, frame, id, principal: "", askedAt: desk.now, secret: undefined, early: [], earlyBytes: 0 };
  desk.state.stage = stage;
  // A secret that is derived needs no store: a wrong proof costs it nothing, and how long it looks for an id tells nobody whether it has it.
  if (desk.policy.masterKey !== undefined && !prove(desk, stage, derived(desk, attach.id))) return;
  desk.host.ask({ type: "find", id });
}

/** What the store knows of the session. */
export function found(desk: Desk, answer: Found | Tombstone | undefined): void {
  const { state: { stage }, host } = desk;
  if (stage.phase !== "attaching") return;
  if (stage.secret === undefined && !prove(desk, stage, answer?.secret)) return;
  if (answer === undefined) return refuse(desk, unknown);
  if (answer.ok === "tombstone") return refuse(desk, { ...(answer.why === "expired" ? expired : closed), received: answer.received });
  const retryAfter = host.admit({ what: "proven", id: stage.id });
  if (retryAfter > 0) return refuse(desk, busy(retryAfter));
  stage.principal = answer.principal;
  host.ask({ type: "authorize", what: "attach", auth: stage.attach.auth, principal: answer.principal });
}

/** False: it was refused. A session without a secret, which nobody knows, costs the same as a proof that is wrong. */
function prove(desk: Desk, stage: Attaching, secret: Uint8Array | undefined): boolean {
  const { policy } = desk;
  const mac = policy.hmac(secret ?? nobody, labels.attach, body(stage.frame)).subarray(0, limits.mac);
  const right = policy.equal(mac, stage.attach.mac);
  if (secret === undefined) refuse(desk, unknown);
  else if (!right) refuse(desk, badProof);
  else stage.secret = secret;
  return stage.secret !== undefined;
}

function claim(desk: Desk, stage: Attaching, answer: Authorized | Denied): void {
  if (answer.ok !== "authorized" || answer.principal !== stage.principal) return refuse(desk, unauthorized);
  stage.askedAt = desk.now;
  const { attach, received, sent, acked, generation, restarted } = stage.attach;
  desk.host.ask({ type: "attach", id: stage.id, claim: { attach, received, sent, acked, generation, restarted } });
}

/** The store has decided: answers the ATTACH. */
export function attached(desk: Desk, answer: Attachment | AttachRefusal): void {
  const { state, policy, host, now } = desk;
  if (state.stage.phase !== "attaching") return;
  const { attach, frame, id, secret, principal, askedAt, early } = state.stage;
  if (answer.ok === "refused" || secret === undefined) return refuse(desk, answer.ok === "refused" ? storeSays(answer) : unknown);
  const { epoch, received, acked, timeout } = answer;
  const draft = encode({
    type: "attached", version: rules.version, features: attach.features & rules.features, epoch, received, replayFrom: acked + 1,
    timeout, heartbeat: heartbeatFor(policy, timeout), ...policy.grant, mac: noMac,
  });
  const stage = (state.stage = attachedStage(id, answer, attach, freshBeats(now), askedAt));
  if (attach.early) stage.inflow.counted = attach.acked; // What the store has comes once more.
  host.transmit(seal(draft, policy.hmac(secret, labels.attached, frame, body(draft))));
  host.tell({ type: "attached", id, epoch, principal, timeout, restarted: attach.restarted });
  host.greeted({ resumed: true });
  pump(desk);
  for (const message of early) hear(desk, message);
}

/** What comes before the answer: messages behind an ATTACH that says so wait for it, as far as there is room. */
export function linger(desk: Desk, frame: Uint8Array | string): void {
  const { stage } = desk.state;
  if (stage.phase !== "attaching" || !stage.attach.early || typeof frame === "string") return refuse(desk, protocol("a second frame before the first was answered"));
  stage.early.push(frame);
  stage.earlyBytes += frame.length + limits.earlyOverhead;
  if (stage.earlyBytes > limits.earlyBytes) refuse(desk, protocol("more than may come before the answer"));
}

/** Somebody was asked and did not answer. It is said without a proof: a proven refusal means that the store did not accept the ATTACH, and it may have. */
export function unanswered(desk: Desk): void {
  const { stage } = desk.state;
  if (stage.phase === "attaching") stage.secret = undefined;
  refuse(desk, { why: "failed", code: codes.busy, retryAfter: fullDelay, reason: "this server cannot decide at present" });
}

const nobody = new Uint8Array(limits.secret);
const noMac = new Uint8Array(limits.mac);
/** What to wait where there is no room. */
const fullDelay: Millis = 1_000;

const unauthorized: Refusal = { why: "unauthorized", code: codes.unauthorized, reason: "the credentials do not do" };
const badProof: Refusal = { why: "badProof", code: codes.badProof, reason: "the proof is wrong" };
const unknown: Refusal = { why: "unknown", code: codes.unknownSession, reason: "there is no such session" };
const expired: Refusal = { why: "expired", code: codes.expired, reason: "the session has expired" };
const closed: Refusal = { why: "closed", code: codes.unknownSession, reason: "the session was closed" };
const protocol = (reason: string): Refusal => ({ why: "protocol", code: codes.protocol, reason });
const busy = (retryAfter: Millis): Refusal => ({ why: "busy", code: codes.busy, retryAfter, reason: "this server is busy" });

function storeSays({ why, received, attach }: AttachRefusal): Refusal {
  switch (why) {
    case "unknown": return unknown;
    case "expired": return { ...expired, received };
    case "closed": return { ...closed, received };
    case "stateLost": return { why, code: codes.stateLost, received, reason: "the store has lost something" };
    case "stale": return { why, code: codes.staleAttach, received, attach, reason: "a later attach came first" };
    case "diverged": return { why, code: codes.diverged, received, reason: "somebody else has used the credential" };
    default: return why satisfies never;
  }
}

function speaks({ versionMin, versionMax }: Versions): boolean {
  return versionMin <= rules.version && rules.version <= versionMax;
}

function derived({ policy }: Desk, id: Uint8Array): Uint8Array | undefined {
  return policy.masterKey && policy.hmac(policy.masterKey, labels.secret, id);
}

function freshBeats(now: Millis): Beats {
  return { nonce: undefined, asked: 0, tokens: rules.beatBurst, refilledAt: now };
}
