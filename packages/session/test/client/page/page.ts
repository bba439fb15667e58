// What the test of a page runs in a browser: a session, and what it told, for the test to look at.
import { constant } from "@holdfast/core";
import { websocket } from "@holdfast/websocket";
import { Session } from "../../../src/index.ts";

export interface PageOfTest {
  /** Begins a session, and says a number each 5 ms. */
  begin(uris: readonly string[]): Promise<void>;
  /** Says no more numbers; tells how many it said. */
  stop(): number;
  readonly story: string[];
  readonly heard: unknown[];
  session: Session | undefined;
}

const page: PageOfTest = {
  async begin(uris) {
    const session = new Session({ endpoints: uris, transports: [websocket()], backoff: constant(20), logger: false, outbox: { maxMessages: 100_000 } });
    for (const event of ["attached", "detached", "moved", "lost", "expired", "presumedExpired", "restored", "closed"] as const) session.on(event, () => { this.story.push(event); });
    session.on("message", (message) => { this.heard.push(message); });
    this.session = session;
    await session.open();
    const timer = setInterval(() => { session.send(String(said++)); }, 5);
    this.stop = () => {
      clearInterval(timer);
      return said;
    };
    let said = 0;
  },
  stop: () => 0,
  story: [],
  heard: [],
  session: undefined,
};

Object.assign(globalThis, { page });
