import { clientShape, finalStoreShape, frameShape, loneShape, peerShape, storeShape, type Shape } from "./shape.ts";
import type { Channel, Frame, Setting } from "./setting.ts";

/** The key of a setting: 64 bits, the same for all settings that differ in nothing that matters. Filled anew each time. */
export interface Key { one: number; two: number }

/**
 * Makes keys. Two settings have the same one if they are alike but for
 * - what the shapes of their parts leave out, and the values of epochs and attach numbers: `rank` keeps what matters of them,
 * - the order of channels that their clients have let go, and of greetings that were recorded,
 * - which keeper is which: all are alike, and only a crash shows which channels share one. Without a crash to come not even that matters.
 */
export class Keys implements Key {
  one = 0;
  two = 0;
  /** Bit n: the epoch n is there. Epochs are few: each attach makes one. */
  #epochs = 0;
  #attaches = 0;
  readonly #ranks: number[] = [];
  #shapes: Shape[] = [];
  #keepers: number[] = [];

  take(setting: Setting): void {
    const { store, clients, channels, recorded, crashes, lates, says } = setting;
    this.#shapes.length = this.#keepers.length = 0;
    this.#epochs = this.#attaches = 0;
    this.one = crashes * 64 + lates * 8 + says;
    this.two = channels.length;
    this.#shape((mayAttach(setting) ? storeShape : finalStoreShape)(store));
    for (const [at, client] of clients.entries()) {
      this.#shape(clientShape(client));
      for (const { number } of client.state.channels) {
        const channel = channels.find((other) => other.client === at && other.number === number);
        if (channel !== undefined) this.#channel(channel, crashes);
      }
    }
    const lone = channels.filter(({ client }) => client < 0);
    if (lone.length > 1) lone.sort((a, b) => compare(shapeOf(a), shapeOf(b)) || this.#keepers.indexOf(a.keeper) - this.#keepers.indexOf(b.keeper));
    for (const channel of lone) this.#lone(channel, crashes);
    if (lates > 0) for (const shape of recorded.map(frameShape).toSorted(compare)) this.#shape(shape);
    this.#mixAll(Math.max(...clients.map(({ gone, dials }) => (gone ? 0 : dials))));
  }

  #channel({ up, down, peer, keeper }: Channel, crashes: number): void {
    this.#frames(up);
    this.#frames(down);
    if (peer === undefined) return this.#shape(nobody);
    this.#shape(peerShape(peer));
    if (crashes > 0) this.#keeper(keeper);
  }

  #lone(channel: Channel, crashes: number): void {
    this.#frames(channel.up);
    this.#shape(shapeOf(channel));
    if (crashes > 0) this.#keeper(channel.keeper);
  }

  #frames(frames: readonly Frame[]): void {
    for (const frame of frames) this.#shape(frameShape(frame));
    this.#mix(frames.length, frames.length);
  }

  /** Keepers are numbered by the order in which they are met. */
  #keeper(keeper: number): void {
    let at = this.#keepers.indexOf(keeper);
    if (at < 0) at = this.#keepers.push(keeper) - 1;
    this.#mix(at + 77, at + 177);
  }

  #shape(shape: Shape): void {
    this.#shapes.push(shape);
    for (const epoch of shape.epochs) this.#epochs |= 1 << epoch;
    for (const attach of shape.attaches) this.#attaches |= 1 << attach;
    this.#mix(shape.one, shape.two);
  }

  /** Epochs by their rank. */
  #mixAll(dials: number): void {
    rank(this.#epochs, 1, this.#ranks);
    for (const { epochs } of this.#shapes) for (const epoch of epochs) this.#mixNumber(this.#ranks[epoch]);
    // A client that dials n more times can get n above its last number. Where the next number that is used lies higher, it does not matter how high.
    rank(this.#attaches, dials + 1, this.#ranks);
    for (const { attaches } of this.#shapes) for (const attach of attaches) this.#mixNumber(this.#ranks[attach]);
    this.one = finish(this.one);
    this.two = finish(this.two);
  }

  #mixNumber(number = 0): void {
    this.#mix(number + 1, number + 101);
  }

  /** Two streams of MurmurHash3, which have nothing in common but their last step. */
  #mix(one: number, two: number): void {
    this.one = round(this.one, one);
    this.two = round(this.two, two);
  }
}

function round(sum: number, word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  const next = sum ^ Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(sum: number): number {
  const half = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  const most = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return most ^ (most >>> 16);
}

const nobody: Shape = { one: 0x51ed270b, two: 0x2545f491, epochs: [], attaches: [] };

/** Of a channel that nobody holds. */
function shapeOf({ up, peer }: Channel): Shape {
  return peer === undefined ? nobody : (up.length > 0 ? peerShape : loneShape)(peer);
}

function compare(a: Shape, b: Shape): number {
  return a.one - b.one || compareLists(a.epochs, b.epochs) || compareLists(a.attaches, b.attaches);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return (a[at] ?? 0) - (b[at] ?? 0);
  return 0;
}

/** Whether an ATTACH may still reach the store. */
function mayAttach({ clients, channels, recorded, lates }: Setting): boolean {
  if (lates > 0 && recorded.length > 0) return true;
  for (const { gone, dials } of clients) if (!gone && dials > 0) return true;
  for (const { up, peer } of channels) if (peer?.asked[0]?.type === "attach" || (up.length > 0 && peer?.state.stage.phase === "greeting")) return true;
  return false;
}

/** New numbers for those whose bits are set: in the same order, and as far from each other as before, but never farther than `most`. */
function rank(bits: number, most: number, ranks: number[]): void {
  let [rank, gap] = [0, most];
  for (let number = 0; bits >> number !== 0; number += 1) {
    gap = Math.min(most, gap + 1);
    if (((bits >> number) & 1) === 0) continue;
    ranks[number] = rank += gap;
    gap = 0;
  }
}
