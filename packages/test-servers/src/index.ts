export { Broker, type BrokerOptions } from "./activemq/broker.ts";
export { activeMqClasspath, activeMqIsInstalled } from "./activemq/jars.ts";
export { Ensemble, type EnsembleOptions } from "./zookeeper/ensemble.ts";
export { zooKeeperIsInstalled } from "./zookeeper/jar.ts";
export { superPassword } from "./zookeeper/settings.ts";
export { type Mode, ZooKeeperServer } from "./zookeeper/server.ts";
export type { TlsOptions } from "./zookeeper/tls.ts";
