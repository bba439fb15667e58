import { existsSync } from "node:fs";

/** Where Debian's package redis-server has it; `REDIS_SERVER` names another one, which may be Valkey's. */
export const redisProgram: string = process.env["REDIS_SERVER"] ?? "/usr/bin/redis-server";

/** For `describe.skipIf`: scripts/provide.ts brings Redis, and in CI it must. */
export function redisIsInstalled(): boolean {
  return existsSync(redisProgram);
}
