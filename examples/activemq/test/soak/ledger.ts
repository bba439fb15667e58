import type { Delivery } from "../../src/client/index.ts";

interface Account { deliveries: number; resent: boolean; receipted: boolean }

/** What was promised by receipts, and what came: by the names of the sends, which are in the bodies, too. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  /** Unmarked duplicates by name, to be judged when it is known whether a marked copy came, too. */
  readonly #unexplained: string[] = [];
  receipts = 0;
  deliveries = 0;
  /** Duplicates that the broker marked as delivered before. */
  redelivered = 0;
  /** Acks that came too late for the connection of their delivery. */
  lateAcks = 0;

  receipt(body: string): void {
    this.#account(body).receipted = true;
    this.receipts += 1;
  }

  delivery(delivery: Delivery): void {
    const account = this.#account(delivery.text);
    this.deliveries += 1;
    account.deliveries += 1;
    account.resent ||= delivery.resent;
    if (account.deliveries === 1) return;
    if (delivery.redelivered) this.redelivered += 1;
    else this.#unexplained.push(delivery.text);
  }

  /** Messages with a receipt that nobody has got. */
  get lost(): readonly string[] {
    return [...this.#accounts].filter(([, { receipted, deliveries }]) => receipted && deliveries === 0).map(([body]) => body);
  }

  /** Duplicates that came because a send without a receipt was sent again: one of the copies says so. */
  get resent(): number {
    return this.#unexplained.filter((body) => this.#account(body).resent).length;
  }

  /** Duplicates that nobody announced. */
  get unmarked(): readonly string[] {
    return this.#unexplained.filter((body) => !this.#account(body).resent);
  }

  #account(body: string): Account {
    const account = this.#accounts.get(body) ?? { deliveries: 0, resent: false, receipted: false };
    this.#accounts.set(body, account);
    return account;
  }
}
