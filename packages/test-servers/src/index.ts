export { Ensemble, type EnsembleOptions } from "./zookeeper/ensemble.ts";
export { zooKeeperIsInstalled } from "./zookeeper/jar.ts";
export { superPassword } from "./zookeeper/settings.ts";
export { type Mode, ZooKeeperServer } from "./zookeeper/server.ts";
export type { TlsOptions } from "./zookeeper/tls.ts";
export { RedisCluster, type RedisClusterOptions } from "./redis/cluster.ts";
export { redisIsInstalled } from "./redis/program.ts";
export { RedisServer, type RedisServerOptions } from "./redis/server.ts";
