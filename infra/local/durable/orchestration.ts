import { keepUnconsumedEvents } from "./carry.js";
import { type EpisodeOutcome, runEpisode } from "./episode.js";
import { cancelledTimers, scheduledTasks } from "./executor.js";
import { executionStarted, finish, terminate } from "./finish.js";
import { completes, EventType, History, type HistoryEvent, opensTask } from "./history.js";
import { type HistoryRow, historyOf, openTasks, timersOf } from "./history-rows.js";
import { Instance, type Step } from "./instance.js";
import { Intake } from "./intake.js";
import type { Envelope } from "./messages.js";
import { pad } from "./messages.js";
import { rewindHistory } from "./rewind.js";
import { schedule } from "./schedule.js";
import type { Services } from "./services.js";
import type { IndexRow, Row, StoredInstance } from "./store.js";
import { Tasks } from "./tasks.js";
import { type End, type OrchestrationHead, type OrchestrationState, Turn } from "./turn.js";
import { isTerminal } from "./types.js";

/** An orchestration instance: its state, its history, and the steps that move it on. */
export class Orchestration extends Instance<OrchestrationHead> {
  #state: OrchestrationState | undefined;
  #history = new History();
  #historyKeys: string[] = [];
  readonly #tasks: Tasks;

  constructor(id: string, services: Services) {
    super(id, services);
    this.#tasks = new Tasks(this, services);
  }

  static restored(id: string, services: Services, stored: StoredInstance, settled: number): Orchestration {
    const instance = new Orchestration(id, services);
    instance.#restore(stored, settled);
    return instance;
  }

  get state(): Readonly<OrchestrationState> | undefined {
    return this.#state;
  }

  get historyLength(): number {
    return this.#history.length;
  }

  historyEvents(): HistoryEvent[] {
    return this.#history.events();
  }

  get ready(): boolean {
    return this.inbox.some((envelope) => !this.#isParked(envelope)) || this.#mayBegin;
  }

  get finished(): boolean {
    return this.settled && (this.#state === undefined || isTerminal(this.#state.status));
  }

  isRunning(executionId: string | undefined): boolean {
    return this.#state?.executionId === executionId && !isTerminal(this.#state?.status ?? "Completed");
  }

  get #mayBegin(): boolean {
    return this.#state?.start !== undefined && this.#state.status !== "Suspended";
  }

  /** Saved in the inbox and not to be worked on before something else arrives. */
  #isParked(envelope: Envelope): boolean {
    if (envelope.row === undefined) return false;
    const state = this.#state;
    if (state === undefined) return envelope.message.kind !== "start";
    const data = envelope.message.kind === "event" || envelope.message.kind === "done";
    if (state.status === "Suspended") return data;
    return state.end?.kind === "continued" && envelope.message.kind === "event";
  }

  summary(): Pick<IndexRow, "name" | "status" | "created" | "updated"> {
    const { name = "", status = "Pending", created, updated } = this.#state ?? {};
    const now = new Date(this.services.clock.now()).toISOString();
    return { name, status, created: created ?? now, updated: updated ?? now };
  }

  resume(): void {
    this.#tasks.resume(this.#state?.executionId ?? "", this.inbox);
    if (this.ready) this.services.wake(this);
  }

  /** Replaces the instance by a new one that waits for its first episode. The caller knows that it is not running. */
  async begin(state: OrchestrationState): Promise<void> {
    const turn = new Turn(state, this.services.clock.now());
    turn.state = { ...state, generation: (this.#state?.generation ?? -1) + 1 };
    turn.rewritten = [];
    await this.#save(turn);
    this.services.wake(this);
  }

  async step(): Promise<void> {
    const turn = new Turn(this.#state === undefined ? undefined : { ...this.#state }, this.#now());
    new Intake(turn, (id) => this.#tasks.isOpen(id)).take([...this.inbox]);
    const rescheduled = turn.rewind ? this.#rewind(turn) : [];
    await this.#advance(turn, rescheduled);
    if (turn.state === undefined) return;
    const unsaved = turn.held.some((envelope) => envelope.row === undefined);
    const dropped = turn.consumed.some((envelope) => envelope.row !== undefined);
    const changed = turn.appended.length > 0 || turn.rewritten !== undefined || turn.send.length > 0;
    if (changed || unsaved || dropped) await this.#save(turn);
    else this.discard(turn.consumed);
    if (turn.ended) this.services.ended(this.id);
    this.services.settle(this);
  }

  /** Never backwards, and not before a timer that has fired. */
  #now(): number {
    const fired = this.inbox.flatMap(({ message }) =>
      message.kind === "done" && message.event.FireAt !== undefined ? [Date.parse(message.event.FireAt)] : [],
    );
    return fired.reduce(
      (latest, at) => Math.max(latest, at),
      Math.max(this.services.clock.now(), this.#state?.now ?? 0),
    );
  }

  async #advance(turn: Turn, rescheduled: readonly number[]): Promise<void> {
    const { state } = turn;
    if (state === undefined) return;
    if (isTerminal(state.status)) {
      for (const event of turn.arrived) turn.append(event);
      return;
    }
    if (turn.terminateReason !== undefined) return terminate(turn, state, turn.terminateReason, this.id);
    if (state.end !== undefined) {
      for (const event of turn.arrived) turn.append(event);
      return this.#finishWhenDone(turn, state, state.end);
    }
    const mayRun =
      state.status !== "Suspended" && (state.start !== undefined || turn.arrived.length > 0 || turn.rewind);
    if (mayRun) await this.#episode(turn, state, rescheduled);
  }

  async #episode(turn: Turn, state: OrchestrationState, rescheduled: readonly number[]): Promise<void> {
    const history = turn.rewritten === undefined ? this.#history : historyOf(turn.rewritten);
    const fresh = this.#freshEvents(turn, state);
    const run = (count: number) => this.#run(state, history, fresh.slice(0, count));
    const outcome = await run(fresh.length);
    this.#scheduleNew(turn, state, outcome, rescheduled);
    turn.append({ EventType: EventType.orchestratorCompleted, EventId: -1 });
    state.now = turn.now;
    state.status = "Running";
    delete state.start;
    if (outcome.customStatus !== undefined) state.customStatus = outcome.customStatus;
    if (outcome.end === undefined) return;
    if (outcome.end.kind === "continued") {
      await keepUnconsumedEvents(turn, history.events(), fresh, outcome, run);
    }
    const end = endOf(outcome.end, state.name);
    state.end = end;
    this.#finishWhenDone(turn, state, end);
  }

  /** OrchestratorStarted and what arrived, dated; already appended to the turn. */
  #freshEvents(turn: Turn, state: OrchestrationState): HistoryEvent[] {
    const fresh = [turn.append({ EventType: EventType.orchestratorStarted, EventId: -1 })];
    if (state.start !== undefined) fresh.push(turn.append(executionStarted(state, this.id)));
    if (turn.rewind) fresh.push(turn.append({ EventType: EventType.genericEvent, EventId: -1, Data: "Rewind" }));
    for (const event of turn.arrived) fresh.push(turn.append(event));
    return fresh;
  }

  async #run(state: OrchestrationState, history: History, fresh: readonly HistoryEvent[]): Promise<EpisodeOutcome> {
    const { invoker, options } = this.services;
    this.services.countExecution();
    const started = state.start ?? history.events().find((event) => event.EventType === EventType.executionStarted);
    const input = started === undefined ? null : "kind" in started ? started.input : (started.Input ?? null);
    const parentInstanceId = state.parent?.instanceId ?? null;
    return runEpisode(invoker, options, {
      instanceId: this.id,
      name: state.name,
      input,
      parentInstanceId,
      history,
      fresh,
    });
  }

  #scheduleNew(turn: Turn, state: OrchestrationState, outcome: EpisodeOutcome, rescheduled: readonly number[]): void {
    const { executor } = outcome;
    if (executor === undefined) return;
    const ids = rescheduled.filter((id) => executor.openTasks[id] !== undefined);
    for (let id = state.nextId; id < executor.sequenceNumber; id++) ids.push(id);
    const { tasks, fired } = scheduledTasks(executor, ids, state.fired, turn.now);
    const { newId, defaultVersion } = this.services.options;
    schedule(turn, state, tasks, {
      instanceId: this.id,
      newId,
      nextOrder: () => this.services.nextOrder(),
      defaultVersion,
      scheduledAt: (taskId) => this.#scheduledAt(taskId, turn.now),
    });
    state.nextId = Math.max(state.nextId, executor.sequenceNumber);
    state.fired = fired;
    turn.cancelled.push(...cancelledTimers(executor, [...this.#tasks.timerIds(), ...timersOf(turn.opened)]));
  }

  #scheduledAt(taskId: number, otherwise: number): number {
    const event = this.#history.events().find((candidate) => candidate.EventId === taskId && opensTask(candidate));
    return event?.Timestamp === undefined ? otherwise : Date.parse(event.Timestamp);
  }

  #finishWhenDone(turn: Turn, state: OrchestrationState, end: End): void {
    const over = new Set([...turn.closed, ...turn.cancelled]);
    const open = [...this.#openAfter(turn), ...turn.opened.keys()].some((id) => !over.has(id));
    if (!open) finish(turn, state, end, this.id, this.services.options.newId);
  }

  #openAfter(turn: Turn): Iterable<number> {
    if (turn.rewritten === undefined) return this.#tasks.ids();
    return openTasks([{ events: turn.rewritten }]).keys();
  }

  /** @returns ids of the tasks to schedule again */
  #rewind(turn: Turn): readonly number[] {
    const { state } = turn;
    if (state === undefined) return [];
    const { kept, taskIds, children } = rewindHistory(this.#history.events());
    turn.rewritten = kept;
    state.generation++;
    state.status = "Running";
    state.output = null;
    for (const to of children) turn.send.push({ to, message: { kind: "rewind", reason: "" } });
    return taskIds;
  }

  async #save(turn: Turn): Promise<void> {
    const { state } = turn;
    if (state === undefined) return;
    const stale = turn.rewritten === undefined ? [] : this.#historyKeys;
    const rows = turn.rewritten === undefined ? state.rows : 0;
    const events = [...(turn.rewritten ?? []), ...turn.appended];
    const key = `h-${pad(state.generation, 8)}-${pad(rows, 8)}`;
    const row: HistoryRow = { events, ...(turn.cancelled.length === 0 ? {} : { cancelled: turn.cancelled }) };
    const put: Row[] = events.length === 0 ? [] : [{ key, text: JSON.stringify(row) }];
    state.rows = rows + put.length;
    if (put.length > 0 || turn.rewritten !== undefined) state.updated = turn.timestamp;
    const step: Step<OrchestrationHead> = {
      head: state,
      put,
      drop: stale,
      consumed: turn.consumed,
      held: [...turn.held, ...turn.readded],
      send: turn.send,
    };
    await this.commit(step, () => this.#apply(turn, state, put));
  }

  /** Takes the saved step over into memory and starts its work. */
  #apply(turn: Turn, state: OrchestrationState, put: readonly Row[]): void {
    this.#state = state;
    if (turn.rewritten !== undefined) {
      this.#history = historyOf(turn.rewritten);
      this.#historyKeys = [];
      this.#tasks.reset(openTasks([{ events: turn.rewritten }]));
    }
    this.#historyKeys.push(...put.map((row) => row.key));
    this.#history.append(turn.appended);
    this.services.observeHistory(this.#history.length);
    for (const id of [...turn.closed, ...turn.cancelled]) this.#tasks.close(id);
    if (isTerminal(state.status)) this.#tasks.reset(new Map());
    for (const envelope of turn.readded) this.receive(envelope);
    const settled = new Set(
      turn.readded.map(({ message }) => (message.kind === "done" ? completes(message.event) : -1)),
    );
    for (const [id, event] of turn.opened) {
      if (!turn.cancelled.includes(id)) this.#tasks.open(state.executionId, event, !settled.has(id));
    }
    if (this.ready) this.services.wake(this);
  }

  #restore(stored: StoredInstance, settledBelow: number): void {
    const { head, rows } = this.restore(stored, settledBelow);
    if (head === undefined) return;
    const { origin: _origin, seq: _seq, marks: _marks, ...state } = head;
    this.#state = state;
    const prefix = `h-${pad(state.generation, 8)}-`;
    const history = rows.filter((row) => row.key.startsWith(prefix));
    const parts = history.map((row) => JSON.parse(row.text) as HistoryRow);
    this.#historyKeys = history.map((row) => row.key);
    for (const part of parts) this.#history.append(part.events);
    if (!isTerminal(state.status)) this.#tasks.reset(openTasks(parts));
  }
}

function endOf(end: Exclude<EpisodeOutcome["end"], undefined>, name: string): End {
  if (end.kind !== "failed") return end;
  return { kind: "failed", output: JSON.stringify(`Orchestrator function '${name}' failed: ${end.message}`) };
}
