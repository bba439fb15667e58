export { ZooKeeper, type Phase } from "./zookeeper.ts";
export type { ZooKeeperOptions } from "./session/options.ts";
export type { CreateRequest, RequestOptions, VersionOptions, WatchOptions } from "./session/requests.ts";
export type { Attached, Detached, DialFailed, DialWait, Expired, SessionClosed, SessionEvents } from "./session/events.ts";
export type { ServerMode, ServerState } from "./servers/inquiry.ts";

export type { Data } from "./jute/sink.ts";
export type { CreateOptions } from "./operations/create.ts";
export type { Identity, Reconfiguration } from "./operations/administration.ts";
export type { Read, ReadResult, Step, StepResult } from "./operations/multi.ts";
export type { NodeAcl, NodeChildren, NodeData } from "./operations/nodes.ts";
export type { WatchKind, WatchMode } from "./operations/watching.ts";
export { acls, permissions, type Acl } from "./records/acl.ts";
export type { CreateMode } from "./records/create-mode.ts";
export type { Stat } from "./records/stat.ts";
export type { WatchEvent, WatchEventType, WatchListener } from "./watches/watch-event.ts";

export { SessionContestedError, SessionError } from "./errors/session-error.ts";
export { ZooKeeperError, type Outcome } from "./errors/zookeeper-error.ts";
