import { ServiceBusClient, type ServiceBusReceiver } from "@azure/service-bus";
import { afterEach } from "vitest";
import { Broker, type BrokerOptions, type EntityConfig } from "../../../../../infra/local/service-bus/index.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";

export const START = Date.UTC(2026, 0, 1);

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function later(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

/** A broker on a virtual clock and an SDK client for it; both end with the test. */
export async function startBroker(entities: EntityConfig[], options: Partial<BrokerOptions> = {}) {
  const clock = new VirtualClock(START);
  const broker = await Broker.start({ clock, entities, ...options });
  later(() => broker.stop());
  return { broker, clock, client: connect(broker) };
}

/** An SDK client without patience: errors of the broker surface at once. */
export function connect(broker: Broker): ServiceBusClient {
  const client = new ServiceBusClient(broker.connectionString, {
    retryOptions: { maxRetries: 0, retryDelayInMs: 10, timeoutInMs: 5_000 },
  });
  later(() => client.close());
  return client;
}

/** The next message; fails when there is none. */
export async function receiveOne(receiver: ServiceBusReceiver) {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 2_000 });
  if (message === undefined) throw new Error("No message arrived.");
  return message;
}

/** What a receiver gets when it asks for many and waits briefly. */
export async function bodies(receiver: ServiceBusReceiver, max = 100): Promise<unknown[]> {
  return (await receiver.receiveMessages(max, { maxWaitTimeInMs: 300 })).map(({ body }) => body);
}

/** The code of the Service Bus error that a call fails with. */
export async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "no error",
    (error: unknown) => (error as { code?: unknown }).code,
  );
}
