import { ServiceBusClient } from "@azure/service-bus";
import { listen } from "../../infra/local/host/triggers/service-bus.js";
import { Broker } from "../../infra/local/service-bus/index.js";
import { RealClock } from "../../infra/local/time/clock.js";
import { SignalSender } from "../../infra/local/world/signal-sender.js";
import { type ReceiveDeps, receiveSignals, toBatch } from "../../shared/signals/receive.js";
import { SIGNALS_QUEUE, type SignalEvent } from "../../shared/signals/signal.js";
import { seconds } from "./raw-rows.js";

/** Handlers under way at once; the shards they touch are written one transaction at a time. */
export const AMQP_PARALLEL = 2;

/**
 * Signals a second from the SDK's sender through the broker to the last commit; sender, broker, listener and fold share
 * one process.
 */
export async function foldOverAmqp(
  deps: ReceiveDeps,
  batches: readonly SignalEvent[][],
  now: number,
  maxBatch: number,
): Promise<number> {
  const total = batches.reduce((sum, batch) => sum + batch.length, 0);
  const broker = await Broker.start({ clock: new RealClock(), entities: [{ queue: SIGNALS_QUEUE }] });
  const sender = new SignalSender(new ServiceBusClient(broker.connectionString));
  let folded = 0;
  let finish: (error?: Error) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  const listening = await listen({
    connectionString: broker.connectionString,
    address: SIGNALS_QUEUE,
    maxBatch,
    maxBatchWaitMs: 0,
    maxConcurrent: AMQP_PARALLEL,
    cardinality: "many",
    autoComplete: true,
    onError: (error) => finish(error),
    handle: async (messages) => {
      const bodies = messages.map(({ body }) => body);
      const { accepted } = await receiveSignals(deps, toBatch(bodies, undefined), now);
      folded += accepted;
      if (folded >= total) finish();
    },
  });
  try {
    const elapsed = await seconds(async () => {
      for (const batch of batches) await sender.send(batch);
      await finished;
    });
    return total / elapsed;
  } finally {
    await listening.close();
    await sender.close();
    await broker.stop();
  }
}
