import type { Clock } from "../../time/clock.js";
import type { AppFunction } from "../app/functions.js";
import type { HostConfig } from "../config/host-json.js";
import type { Logger } from "../config/logger.js";
import type { Settings } from "../config/settings.js";
import type { Invoker } from "../invocation/invoke.js";
import type { Work } from "../invocation/work.js";
import { messageOf, StartError } from "../start-error.js";
import type { TimerStatusStore } from "../state.js";
import { type Listen, type Listener, type ServiceBusTrigger, serviceBusTrigger } from "./service-bus-trigger.js";
import { TimerTrigger } from "./timer.js";
import { type Zone, zone } from "./zone.js";

export interface TriggersDeps {
  readonly clock: Clock;
  readonly work: Work;
  readonly invoke: Invoker;
  readonly settings: Settings;
  readonly log: Logger;
  readonly config: HostConfig["extensions"]["serviceBus"];
  readonly status: TimerStatusStore;
  readonly listen: Listen;
}

/** The app's timer and Service Bus triggers. */
export class Triggers {
  readonly #deps: TriggersDeps;
  readonly #timers = new Map<string, TimerTrigger>();
  readonly #queues = new Map<string, ServiceBusTrigger>();
  readonly #listeners: Listener[] = [];

  /** Throws a StartError for a trigger whose options are wrong. */
  constructor(functions: readonly AppFunction[], deps: TriggersDeps) {
    this.#deps = deps;
    const onError = (fn: AppFunction, error: unknown) =>
      deps.log("error", `Function.${fn.name}`, `The trigger failed: ${messageOf(error)}`);
    const zone = timersOf(functions).length > 0 ? zoneOf(deps.settings) : undefined;
    for (const fn of timersOf(functions)) {
      if (zone !== undefined) this.#timers.set(fn.name, new TimerTrigger(fn, { ...deps, zone, onError }));
    }
    for (const fn of functions.filter(({ kind }) => kind === "serviceBusTrigger")) {
      this.#queues.set(fn.name, serviceBusTrigger(fn, { ...deps, onError }));
    }
  }

  async start(): Promise<void> {
    for (const timer of this.#timers.values()) await timer.start();
    for (const queue of this.#queues.values()) this.#listeners.push(await queue.start());
  }

  /** Runs a function out of turn; undefined when its kind cannot be. */
  runNow(fn: AppFunction, input: string): Promise<void> | undefined {
    const { work, invoke, log } = this.#deps;
    const job =
      fn.kind === "activityTrigger"
        ? work.exclusive(() => invoke({ fn, data: { string: input } })).then(() => {})
        : (this.#timers.get(fn.name)?.runNow() ?? this.#queues.get(fn.name)?.runNow(input));
    return job?.catch((error: unknown) => log("error", `Function.${fn.name}`, messageOf(error)));
  }

  idle(): boolean {
    return this.#listeners.every((listener) => listener.idle());
  }

  activity(): number {
    return this.#listeners.reduce((sum, listener) => sum + listener.activity(), 0);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.values()) timer.stop();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}

function timersOf(functions: readonly AppFunction[]): AppFunction[] {
  return functions.filter(({ kind }) => kind === "timerTrigger");
}

/** Schedules are in the zone of WEBSITE_TIME_ZONE or TZ; UTC when neither is set, as in Azure. */
function zoneOf(settings: Settings): Zone {
  for (const name of ["WEBSITE_TIME_ZONE", "TZ"]) {
    const value = settings.get(name)?.replace(/^:/, "");
    if (value === undefined || value === "") continue;
    try {
      return zone(value);
    } catch {
      throw new StartError(`setting ${name}`, `"${value}" is no IANA time zone such as Europe/Berlin`);
    }
  }
  return zone("UTC");
}
