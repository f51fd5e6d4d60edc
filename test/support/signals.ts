import { ServiceBusClient } from "@azure/service-bus";
import { SignalSender } from "../../infra/local/world/signal-sender.js";
import { SIGNAL_TYPE_PREFIX, type SignalEvent, type SignalKind } from "../../shared/signals/signal.js";
import type { World } from "./world.js";

export interface DeviceSignal {
  readonly deviceId: string;
  readonly kind: SignalKind;
  readonly kb: string;
  readonly build: string;
  readonly attempt: number;
  readonly sequence: number;
}

/** Sends signals of devices over Service Bus, as happened now, and lets the app take them in. */
export async function sendSignals(world: World, signals: readonly DeviceSignal[]): Promise<void> {
  const sender = new SignalSender(new ServiceBusClient(world.broker.connectionString));
  try {
    await sender.send(signals.map((signal) => eventOf(signal, world.now())));
  } finally {
    await sender.close();
  }
  await world.settle();
}

function eventOf({ kind, ...data }: DeviceSignal, now: number): SignalEvent {
  const { deviceId, kb, attempt, sequence } = data;
  return {
    specversion: "1.0",
    id: `${deviceId}:${kb}:${attempt}:${sequence}`,
    source: `/devices/${deviceId}`,
    type: `${SIGNAL_TYPE_PREFIX}${kind}`,
    time: new Date(now).toISOString(),
    datacontenttype: "application/json",
    data,
  };
}
