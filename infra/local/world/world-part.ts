import type { Fleet } from "../fleet/index.js";
import type { Broker } from "../service-bus/index.js";
import type { Tenant } from "../tenant/index.js";
import type { Participant } from "../time/timeline.js";
import { turnOf } from "../time/turn.js";
import type { VirtualClock } from "../time/virtual-clock.js";

/** Turns of the event loop in which nothing happened before the world calls itself quiet. */
const QUIET_TURNS = 2;

/** Broker, tenant and fleet, which share one clock in the world's process. */
export class WorldPart implements Participant {
  readonly #clock: VirtualClock;
  readonly #broker: Broker;
  readonly #tenant: Tenant;
  readonly #fleet: Fleet;

  constructor(parts: { clock: VirtualClock; broker: Broker; tenant: Tenant; fleet: Fleet }) {
    this.#clock = parts.clock;
    this.#broker = parts.broker;
    this.#tenant = parts.tenant;
    this.#fleet = parts.fleet;
  }

  activity(): number {
    return this.#broker.activity() + this.#tenant.activity() + this.#fleet.activity();
  }

  async quiet(): Promise<number | undefined> {
    for (let turns = 0, before = this.activity(); turns < QUIET_TURNS; ) {
      await this.#fleet.quiet();
      await turnOf(this.#broker.isQuiet());
      const now = this.activity();
      turns = this.#broker.isQuiet() && this.#tenant.isQuiet() && now === before ? turns + 1 : 0;
      before = now;
    }
    return this.#clock.nextDue();
  }

  advance(to: number): void {
    this.#clock.advance(to);
  }
}
