import { settled, type MakeSession } from "./session.ts";

export interface LoadOrder {
  readonly servers: string;
  readonly timeout: number;
  readonly path: string;
  readonly operation: "get" | "set";
  readonly inFlight: number;
  /** Operations before anything counts. */
  readonly warm: number;
  readonly count: number;
}
/** Operations per second, and what one took of this process's CPU time. */
export interface Loaded { readonly rate: number; readonly micros: number }

const nobody = { lost: (): void => { /* Not here. */ }, attached: (): void => { /* As hoped. */ }, over: (): void => { /* The load fails. */ } };

/** Keeps so many operations under way through one session. */
export async function load(make: MakeSession, { servers, timeout, path, operation, inFlight, warm, count }: LoadOrder): Promise<Loaded> {
  const session = make({ servers, timeout, hearer: nobody });
  await session.open();
  const data = Buffer.alloc(64, 7);
  let asked = 0;
  let answered = 0;
  let started = { at: performance.now(), cpu: process.cpuUsage() };
  await settled((over) => {
    const done = (error?: unknown): void => {
      answered += 1;
      if (error !== undefined && error !== null) over(error);
      else if (answered === warm) started = { at: performance.now(), cpu: process.cpuUsage() };
      else if (answered === warm + count) over();
      if (asked < warm + count) next();
    };
    const next = operation === "get" ? (): void => { asked += 1; session.get(path, done); } : (): void => { asked += 1; session.set(path, data, done); };
    for (let one = 0; one < inFlight; one += 1) next();
  });
  const { user, system } = process.cpuUsage(started.cpu);
  const seconds = (performance.now() - started.at) / 1_000;
  session.close();
  return { rate: count / seconds, micros: (user + system) / count };
}
