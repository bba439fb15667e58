/**
 * Counts what was sent and what the peer has vouched for, so that a loss knows what is uncertain.
 *
 * A protocol that counts (`confirmed`) is exact. With the others the answer to a ping vouches for everything sent before that ping,
 * since a channel keeps order.
 */
export class Receipts {
  /** Messages handed to the channel. Wraps at 2³², as the counts on the wire do. */
  sent = 0;
  #vouched = 0;
  #exact = false;
  #lastNonce = 0;
  #sentAtFirstPing = 0;
  #sentAtLastPing = 0;

  /** Messages that may have arrived or not. */
  get unconfirmed(): number {
    return (this.sent - this.#vouched) >>> 0;
  }

  /** A ping goes out; `first`: the first one of a silence. */
  asked(nonce: number, first: boolean): void {
    if (first) this.#sentAtFirstPing = this.sent;
    this.#lastNonce = nonce;
    this.#sentAtLastPing = this.sent;
  }

  /** An open ping was answered. Any but the last may have been the first: one in between, or one without a nonce. */
  answered(nonce: number | undefined): void {
    if (this.#exact) return;
    this.#vouched = nonce === this.#lastNonce ? this.#sentAtLastPing : this.#sentAtFirstPing;
  }

  /** The peer has the first `count` messages. A count that runs ahead of what was sent, or backwards, is not believed. */
  confirmed(count: number): void {
    if (((this.sent - count) >>> 0) > this.unconfirmed) return;
    this.#exact = true;
    this.#vouched = count >>> 0;
  }
}
