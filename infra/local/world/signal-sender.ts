import type { ServiceBusClient, ServiceBusSender } from "@azure/service-bus";
import { SIGNALS_QUEUE } from "../../../shared/signals/signal.js";

/** Sends what devices report as their gateway would: the real SDK, in as few batches as the size limit allows. */
export class SignalSender {
  readonly #client: ServiceBusClient;
  readonly #sender: ServiceBusSender;
  /** Events sent so far. */
  sent = 0;

  constructor(client: ServiceBusClient, queue: string = SIGNALS_QUEUE) {
    this.#client = client;
    this.#sender = client.createSender(queue);
  }

  async send(events: readonly { readonly id: string }[]): Promise<void> {
    let batch = await this.#sender.createMessageBatch();
    for (const event of events) {
      const message = { messageId: event.id, contentType: "application/cloudevents+json", body: event };
      if (batch.tryAddMessage(message)) continue;
      await this.#sender.sendMessages(batch);
      batch = await this.#sender.createMessageBatch();
      if (!batch.tryAddMessage(message)) throw new Error(`Signal ${event.id} is larger than a message may be.`);
    }
    if (batch.count > 0) await this.#sender.sendMessages(batch);
    this.sent += events.length;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
