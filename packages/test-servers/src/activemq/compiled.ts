import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { javac } from "../process/java.ts";
import { activeMqClasspath } from "./jars.ts";

const source = fileURLToPath(new URL("java/Broker.java", import.meta.url));
const cache = fileURLToPath(new URL("../../../../node_modules/.cache/holdfast-broker", import.meta.url));

/** The folder with the compiled Broker.java: compiled once, until its text changes. */
export async function compiledBroker(): Promise<string> {
  const folder = join(cache, createHash("sha256").update(await readFile(source)).update(activeMqClasspath).digest("hex").slice(0, 16));
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, "compiling-"));
  try {
    await promisify(execFile)(javac, ["-nowarn", "-d", fresh, "-cp", activeMqClasspath, source]);
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw new Error("javac could not compile Broker.java: is libactivemq-java installed?", { cause: error });
    // Somebody else was faster.
  }
  return folder;
}
