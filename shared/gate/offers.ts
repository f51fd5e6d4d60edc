import { HOUR_MS } from "../calendar/days.js";
import { type ControllerDecision, type ControllerInput, controlOffers, waveSize } from "./controller.js";

/** A ring whose day has come and which has not been offered whole. */
export interface WaitingRing {
  readonly ring: string;
  readonly size: number;
  /** Devices that nothing has been offered or granted to and no hold keeps back. */
  readonly left: number;
  /** Most devices that its own waves let it have now; absent: the controller alone decides. */
  readonly planned?: number;
  /** Since when it waits: its day or, if later, its last wave; ms. */
  readonly since: number;
}

export interface OffersInput extends ControllerInput {
  /** ms */
  readonly now: number;
  /** In the order of their days: the first is served first (controller.ts point 4). */
  readonly waiting: readonly WaitingRing[];
}

/** A wave that a ring may open. */
export interface Wave {
  readonly ring: string;
  readonly devices: number;
  /** Nobody is left in the ring after it. */
  readonly last: boolean;
}

/** What the controller decided and everything it rests on. Plain JSON; `decideOffers(input)` gives it again to the bit. */
export interface OffersDecision extends ControllerDecision {
  readonly input: OffersInput;
  readonly waves: readonly Wave[];
}

/** How wide the waiting rings open now (gate.md §3). Pure: the same input gives the same decision, to the bit. */
export function decideOffers(input: OffersInput): OffersDecision {
  const decision = controlOffers(input);
  return { ...decision, input, waves: wavesOf(input.waiting, decision.allowed, input.now) };
}

/**
 * Waiting rings that a probe may go to while the gate holds (controller.ts point 5): those that have been offered
 * something, and the next one as long as that is one ring at most.
 * @param opened names of the rings that have been offered something
 */
export function probedRings(waiting: readonly WaitingRing[], opened: ReadonlySet<string>): WaitingRing[] {
  return waiting.filter(({ ring }, place) => opened.has(ring) || (opened.size <= 1 && place === 0));
}

/** Waves for rings in the given order out of `allowed` devices. A ring that has to wait for devices keeps those after it waiting. */
export function wavesOf(waiting: readonly WaitingRing[], allowed: number, now: number): Wave[] {
  const waves: Wave[] = [];
  let rest = allowed;
  for (const { ring, size, left, planned = left, since } of waiting) {
    if (left === 0) continue;
    const wanted = Math.min(left, planned);
    if (wanted === 0) continue;
    const devices = waveSize({ ringSize: size, left: wanted, allowed: rest, waitedHours: (now - since) / HOUR_MS });
    if (devices === 0) break;
    waves.push({ ring, devices, last: devices === left });
    rest -= devices;
    if (devices < wanted) break;
  }
  return waves;
}
