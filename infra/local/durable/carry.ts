import { type EpisodeOutcome, executorEvents } from "./episode.js";
import { EventType, type HistoryEvent } from "./history.js";
import type { Envelope } from "./messages.js";
import type { Turn } from "./turn.js";

/** Runs the orchestrator over only the first `count` fresh events. */
export type RunPrefix = (count: number) => Promise<EpisodeOutcome>;

/**
 * Keeps the external events that a continuing execution has not consumed (functions-host.md §4.6): those that it put
 * aside because nobody waited for them, and those that came after the event at which it ended.
 * @param played events of earlier episodes
 * @param fresh events of this episode, beginning with OrchestratorStarted
 */
export async function keepUnconsumedEvents(
  turn: Turn,
  played: readonly HistoryEvent[],
  fresh: readonly HistoryEvent[],
  outcome: EpisodeOutcome,
  run: RunPrefix,
): Promise<void> {
  const reached = await reachedEvents(fresh, run);
  const unreached = fresh.slice(reached).filter(isExternal);
  const seen = [...played, ...fresh.slice(0, reached)].filter(isExternal);
  const deferred = executorEvents(outcome).flatMap(({ name, count }) =>
    seen.filter((event) => event.Name === name).slice(-count),
  );
  for (const event of [...deferred, ...unreached]) putBack(turn, event);
}

const isExternal = (event: HistoryEvent): boolean =>
  event.EventType === EventType.eventRaised && event.Order !== undefined;

/**
 * How many fresh events the library looked at before the orchestrator ended: it stops reading there, without saying
 * where. Orchestrators are deterministic, so running prefixes again finds the place.
 */
async function reachedEvents(fresh: readonly HistoryEvent[], run: RunPrefix): Promise<number> {
  let low = 1;
  let high = fresh.length;
  if (!fresh.slice(low + 1).some(isExternal)) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await run(middle)).end === undefined) low = middle + 1;
    else high = middle;
  }
  return low;
}

function putBack(turn: Turn, event: HistoryEvent): void {
  const order = event.Order ?? 0;
  const at = turn.consumed.findIndex((envelope) => envelope.order === order);
  const [envelope] = at < 0 ? [] : turn.consumed.splice(at, 1);
  if (envelope !== undefined) turn.held.push(envelope);
  else turn.readded.push(rebuilt(event, order));
}

function rebuilt(event: HistoryEvent, order: number): Envelope {
  return { order, message: { kind: "event", name: event.Name ?? "", input: event.Input ?? null } };
}
