import { SimClock } from "@holdfast/testkit";
import { ConnectError } from "../../src/errors/connect-error.ts";
import { LinkError } from "../../src/errors/link-error.ts";
import { Link } from "../../src/link/link.ts";
import type { LinkOptions } from "../../src/link/options.ts";
import { FakeTransport, type FakeDial } from "../link/fake-transport.ts";
import { eventNames } from "../link/rig.ts";
import { eventWords } from "./event-words.ts";
import { Peer, spoken } from "./peer.ts";

type Act = (stage: Stage, ...words: readonly string[]) => void | Promise<void>;

/** A link and its peers, moved by the sentences of a transcript. What follows from each is collected in words. */
export class Stage {
  readonly clock: SimClock = new SimClock({ start: 0 });
  readonly #transport = new FakeTransport();
  readonly #peers = new Map<string, Peer>();
  #link: Link<string, string> | undefined;
  #told: string[] = [];

  /** Plays one sentence and returns what came of it, each with the time it came at. */
  async play(sentence: string): Promise<readonly string[]> {
    this.#told = [];
    for (const [pattern, act] of acts) {
      const match = pattern.exec(sentence);
      if (match === null) continue;
      await act(this, ...match.slice(1));
      await this.clock.advanceAsync(0);
      return this.#told;
    }
    throw new Error(`nobody understands "${sentence}": see test/transcripts/stage.ts`);
  }

  tell(words: string): void {
    this.#told.push(`${(this.clock.now() / 1_000).toFixed(2).padStart(7)} s  ${words}`);
  }

  begin(endpoints: string, rest: string): void {
    const options = Object.fromEntries([...rest.matchAll(/(\w+) (\S+)/g)].map(([, name = "", value = ""]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]));
    const { outbox, overflow, ...more } = options;
    const link = new Link<string, string>({
      endpoints: endpoints.split(" ").map((name) => `fake://${name}`), transports: [this.#transport], protocol: spoken, shuffle: false, clock: this.clock,
      random: () => 0.5, logger: false, outbox: { ...(outbox === undefined ? {} : { maxMessages: Number(outbox) }), ...(overflow === undefined ? {} : { overflow: overflow as "reject" }) },
      ...(more as Partial<LinkOptions<string, string>>), // A transcript with a wrong option shows it at once.
    });
    for (const name of eventNames) link.on(name, ((event: object | undefined) => { this.tell(eventWords(name, event)); }) as never);
    link.on("message", (message) => { if (message !== "data") this.tell(`message ${message}`); });
    this.#link = link;
  }

  get link(): Link<string, string> {
    if (this.#link === undefined) throw new Error("a transcript begins with: link a b");
    return this.#link;
  }

  /** The latest dial to that endpoint that nobody answered yet. */
  dial(name: string): FakeDial {
    const dial = this.#transport.dials.findLast(({ endpoint, channel, signal }) => endpoint.host === name && channel === undefined && !signal.aborted);
    if (dial === undefined) throw new Error(`${name} is not being dialled`);
    return dial;
  }

  accept(name: string): Peer {
    const peer = new Peer(this.dial(name).accept(), this.clock, (words) => { this.tell(words); }, name);
    this.#peers.set(name, peer);
    return peer;
  }

  peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new Error(`${name} has accepted nothing yet`);
    return peer;
  }
}

/** The sentences a transcript is written in. */
const acts: readonly (readonly [RegExp, Act])[] = [
  [/^link ([a-z ]+?)(?:, (.*))?$/, (stage, endpoints = "", rest = "") => { stage.begin(endpoints, rest); }],
  [/^open$/, (stage) => { void stage.link.open(); }],
  [/^close$/, (stage) => { void stage.link.close(); }],
  [/^abort$/, (stage) => { stage.link.abort(); }],
  [/^retry now$/, (stage) => { stage.link.retryNow(); }],
  [/^move(?: to (\w))?$/, (stage, name) => { stage.link.migrate(name && `fake://${name}`).catch((error: unknown) => { stage.tell(`not moved: ${(error as { code?: string }).code}`); }); }],
  [/^suspect (.+)$/, (stage, reason = "") => { stage.link.suspect(reason); }],
  [/^send (.+)$/, (stage, text = "") => { stage.tell(sent(() => stage.link.send(text))); }],
  [/^([\d.]+) s pass$/, (stage, seconds) => stage.clock.advanceAsync(Number(seconds) * 1_000)],
  [/^the loop sleeps for ([\d.]+) s$/, (stage, seconds) => { stage.clock.stall(Number(seconds) * 1_000); }],
  [/^(\w) accepts$/, (stage, name = "") => { stage.accept(name).channel.deliver("hello"); }],
  [/^(\w) accepts and says nothing$/, (stage, name = "") => { stage.accept(name); }],
  [/^(\w) greets$/, (stage, name = "") => { stage.peer(name).channel.deliver("hello"); }],
  [/^(\w) refuses$/, (stage, name = "") => { stage.dial(name).refuse(new ConnectError("HF_DIAL_FAILED", name, `${name} refused the connection`)); }],
  [/^(\w) refuses for good$/, (stage, name = "") => { stage.dial(name).refuse(new ConnectError("HF_REFUSED", name, `${name} does not know us`, { next: "stop" })); }],
  [/^(\w) asks for ([\d.]+) s of peace$/, (stage, name = "", seconds) => { stage.dial(name).refuse(new ConnectError("HF_REFUSED", name, `${name} is busy`, { retryAfter: Number(seconds) * 1_000 })); }],
  [/^(\w) sends data and hears nothing$/, (stage, name = "") => { stage.peer(name).talk(); }],
  [/^(\w) sends (.+)$/, (stage, name = "", text = "") => { stage.peer(name).channel.deliver(text); }],
  [/^(\w) asks us to leave within ([\d.]+) s$/, (stage, name = "", seconds) => { stage.peer(name).channel.deliver(`leave ${Number(seconds) * 1_000} ${Number(seconds) * 1_000}`); }],
  [/^(\w) keeps silent$/, (stage, name = "") => { stage.peer(name).silent(); }],
  [/^(\w) resets$/, (stage, name = "") => { stage.peer(name).channel.end(new LinkError("HF_RESET", `${name} reset the connection`)); }],
  [/^(\w) closes$/, (stage, name = "") => { stage.peer(name).channel.end(); }],
  [/^(\w) takes (\d+) more$/, (stage, name = "", count) => { stage.peer(name).channel.drain(Number(count)); }],
];

function sent(send: () => boolean): string {
  try {
    return send() ? "sent" : "taken: wait for drained";
  } catch (error) {
    return `refused: ${(error as { code?: string }).code ?? String(error)}`;
  }
}
