export { Broker, type BrokerOptions, type EntityCounts } from "./broker.js";
export type { EntityConfig } from "./config.js";
export type { PeekedMessage } from "./peeked.js";
