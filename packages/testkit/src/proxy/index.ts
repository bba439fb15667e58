export { faultProxy } from "./running-proxy.ts";
export type { FaultProxy, FaultProxyOptions } from "./fault-proxy.ts";
export type { Direction, Directions } from "./direction.ts";
export type { FaultRecord, ProxyCounters, Traffic } from "./ledger.ts";
export type { ProxiedConnection } from "./proxied-connection.ts";
