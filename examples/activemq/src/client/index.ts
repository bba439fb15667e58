export { ActiveMq, type ActiveMqOptions } from "./activemq.ts";
export type { Delivery } from "./delivery.ts";
export type { SubscribeOptions, Subscription } from "./subscription.ts";
export type { SendOptions } from "./sends.ts";
