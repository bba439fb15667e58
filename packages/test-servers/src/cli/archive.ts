// `node packages/test-servers/src/cli/archive.ts`: makes the archive that servers begin with, if there is none yet. Takes seconds, once.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { java } from "../process/java.ts";
import { classArchive } from "../zookeeper/class-archive.ts";
import { Ensemble } from "../zookeeper/ensemble.ts";
import { classpath, zooKeeperIsInstalled } from "../zookeeper/jar.ts";

/** A member of a quorum writes it when it is asked to end. Java would crash on half an archive, so it is looked at before it is used. */
async function make(file: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    await using ensemble = await Ensemble.start({ jvm: [`-XX:ArchiveClassesAtExit=${draft}`] });
    const [server] = await ensemble.followers();
    if (server?.pid === undefined) return;
    process.kill(server.pid, "SIGTERM");
    for (let waited = 0; server.running && waited < 30_000; waited += 50) await sleep(50);
    const { status } = spawnSync(java, ["-XX:+UseSerialGC", `-XX:SharedArchiveFile=${draft}`, "-XX:+VerifySharedSpaces", "-XX:ErrorFile=/dev/null", "-cp", classpath, "-version"], { stdio: "ignore" });
    if (status === 0 && existsSync(draft)) renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

if (zooKeeperIsInstalled() && !existsSync(classArchive())) await make(classArchive());
