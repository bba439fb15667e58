import type { ActiveMq } from "./client/index.ts";

/** Works on orders, once each, whatever becomes of the brokers that they come through. */
export class Shop {
  /** Names of the sends that were worked on. A real shop keeps them where it keeps its work, and in the same transaction. */
  readonly #done = new Set<string>();
  duplicates = 0;

  get orders(): number {
    return this.#done.size;
  }

  /** From now on it hears of what this client's broker has. */
  serve(client: ActiveMq): void {
    client.subscribe("/queue/orders", (order) => {
      const { sendId = "" } = order;
      if (this.#done.has(sendId)) this.duplicates += 1;
      else this.#done.add(sendId); // Here the work is done.
      order.ack(); // After the work: where we die in between, somebody gets the order again.
    });
  }
}
