import { hash32, uniform } from "../../shared/random.js";
import { SIGNAL_TYPE_PREFIX, type SignalEvent, type SignalKind } from "../../shared/signals/signal.js";

export const KB = "KB5039212";
export const BUILD = "10.0.22631.3737";
export const START = Date.parse("2024-06-11T17:00:00Z");

const MINUTE = 60_000;
const STEPS: readonly SignalKind[] = ["offered", "downloading", "install-started", "restart-pending", "installed"];
const FAILURE_RATE = 0.01;

/** A GUID-shaped id that is the same for the same seed. */
export function deviceId(seed: number, n: number): string {
  const hex = [0, 1, 2, 3].map((part) => hash32(seed, "device", n, part).toString(16).padStart(8, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Batches in which devices, in an order of their own for each step, go through one attempt; 1 in 100 fails. */
export function* signalBatches(seed: number, devices: number, size: number): Generator<SignalEvent[]> {
  for (const [step, kind] of STEPS.entries()) {
    const order = Array.from({ length: devices }, (_, n) => n);
    order.sort((a, b) => hash32(seed, step, a) - hash32(seed, step, b));
    for (let from = 0; from < devices; from += size) {
      yield order.slice(from, from + size).map((n) => event(seed, n, step + 1, kind));
    }
  }
}

function event(seed: number, n: number, sequence: number, kind: SignalKind): SignalEvent {
  const id = deviceId(seed, n);
  const failed = kind === "installed" && uniform(seed, "fails", n) < FAILURE_RATE;
  const time = START + sequence * 90 * MINUTE + Math.floor(uniform(seed, "time", n, sequence) * 60 * MINUTE);
  return {
    specversion: "1.0",
    id: `${id}:${KB}:1:${sequence}`,
    source: `/devices/${id}`,
    type: `${SIGNAL_TYPE_PREFIX}${failed ? "failed" : kind}`,
    time: new Date(time).toISOString(),
    datacontenttype: "application/json",
    data: { deviceId: id, kb: KB, build: BUILD, attempt: 1, sequence, ...(failed ? { errorCode: "0x800f0922" } : {}) },
  };
}
