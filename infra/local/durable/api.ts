import { AppError } from "../../../shared/errors.js";
import type { DurableEngine } from "./engine.js";
import { Entity } from "./entity.js";
import { checkInstanceId } from "./instance-id.js";
import { entityInstanceId, isEntityId, type Message, parseEntityId, type StartMessage } from "./messages.js";
import { Orchestration } from "./orchestration.js";
import { guid } from "./schedule.js";
import { type InstanceStatus, type ListFilter, listPage, type Page, statusOf } from "./status.js";
import { newExecution } from "./turn.js";
import { isTerminal, type RuntimeStatus } from "./types.js";

export interface StartOptions {
  readonly instanceId?: string;
  /** JSON text; null = none. */
  readonly input?: string | null;
  readonly version?: string;
}

export interface EntityRow {
  readonly entityId: { readonly name: string; readonly key: string };
  readonly lastOperationTime: string;
  /** JSON text. */
  readonly state?: string | null;
}

const DELETE_STATES: ReadonlySet<string> = new Set(["Completed", "Failed", "Terminated", "Canceled"]);

/** What clients can do with instances. Everything is durable when a promise resolves. */
export class DurableApi {
  constructor(private readonly engine: DurableEngine) {}

  /** @returns the instance id @throws not_found for an unknown function, conflict when the id is in use */
  startNew(name: string, options: StartOptions = {}): Promise<string> {
    return this.engine.track(async () => {
      const { engine } = this;
      if (!engine.invoker.has("orchestration", name)) {
        throw new AppError(
          "not_found",
          `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`,
        );
      }
      const id = options.instanceId ?? engine.options.newId();
      checkInstanceId(id);
      const start: StartMessage = {
        kind: "start",
        name,
        version: options.version ?? engine.options.defaultVersion ?? null,
        input: options.input ?? null,
        executionId: engine.options.newId(),
      };
      await this.#begin(id, start);
      return id;
    });
  }

  async #begin(id: string, start: StartMessage): Promise<void> {
    const { engine } = this;
    const instance = (await engine.registry.get(id)) ?? engine.registry.create(id);
    if (!(instance instanceof Orchestration)) throw new AppError("invalid_input", `'${id}' is the id of an entity.`);
    await instance.exclusively(async () => {
      const status = instance.state?.status ?? (instance.inbox.length > 0 ? "Pending" : undefined);
      if (status === undefined || isTerminal(status)) {
        return instance.begin(newExecution(start, 0, new Date(engine.clock.now()).toISOString()));
      }
      if (engine.options.overridableExistingInstanceStates !== "AnyState") {
        throw new AppError("conflict", `An Orchestration instance with the status ${status} already exists.`);
      }
      await instance.accept({ kind: "terminate", reason: "Replaced by a new instance with the same id." });
      await instance.accept(start);
    });
  }

  /** @throws not_found */
  async status(id: string): Promise<InstanceStatus> {
    const instance = await this.engine.track(() => this.engine.registry.get(id));
    if (instance === undefined) throw unknown(id);
    const status = statusOf(instance);
    this.engine.settle(instance);
    return status;
  }

  /** Orchestrations by time of creation. */
  list(filter: ListFilter = {}): Promise<Page> {
    return this.engine.track(() => listPage(this.engine, filter));
  }

  /** @param input JSON text; null = the value null @throws not_found, gone when the instance has ended */
  raiseEvent(id: string, name: string, input: string | null): Promise<void> {
    return this.#send(id, { kind: "event", name, input: input ?? "null" });
  }

  terminate(id: string, reason: string): Promise<void> {
    return this.#send(id, { kind: "terminate", reason });
  }

  /** @throws rule_violated when it is suspended already */
  suspend(id: string, reason: string): Promise<void> {
    return this.#send(id, { kind: "suspend", reason }, (status) => {
      if (status === "Suspended") throw cannot("suspend", id, status);
    });
  }

  /** @throws rule_violated when it is not suspended */
  resume(id: string, reason: string): Promise<void> {
    return this.#send(id, { kind: "resume", reason }, (status) => {
      if (status !== "Suspended") throw cannot("resume", id, status);
    });
  }

  /** Runs the failed tasks of a failed instance again. @throws gone when it ended otherwise, rule_violated when it runs */
  rewind(id: string, reason: string): Promise<void> {
    return this.engine.track(async () => {
      const instance = await this.#orchestration(id);
      const status = instance.state?.status ?? "Pending";
      if (status !== "Failed") {
        if (isTerminal(status)) throw new AppError("gone", `The instance '${id}' has ended (${status}).`);
        throw new AppError(
          "rule_violated",
          "The rewind operation is only supported on failed orchestration instances.",
        );
      }
      await instance.accept({ kind: "rewind", reason });
    });
  }

  /** Starts the same orchestration with the same input again. @returns the id of the new instance */
  async restart(id: string, withNewInstanceId = true): Promise<string> {
    const { name, input } = await this.status(id);
    return this.startNew(name, { input, ...(withNewInstanceId ? {} : { instanceId: id }) });
  }

  /** @returns how many instances were removed: 0 or 1 @throws rule_violated when the orchestration has not ended */
  purge(id: string): Promise<number> {
    return this.engine.track(async () => {
      const instance = await this.engine.registry.get(id);
      if (instance === undefined) return 0;
      if (instance instanceof Entity && !instance.state.exists) return 0;
      if (instance instanceof Orchestration && !isTerminal(instance.state?.status ?? "Pending")) {
        throw new AppError("rule_violated", `The instance '${id}' has not ended. Terminate it first.`);
      }
      await this.engine.registry.purge(id);
      return 1;
    });
  }

  /** Removes ended instances created in the given period. @returns how many */
  purgeBy(filter: { createdFrom: string; createdTo?: string; statuses?: readonly RuntimeStatus[] }): Promise<number> {
    return this.engine.track(async () => {
      const rows = this.engine.registry.rows().filter((row) => {
        const wanted = filter.statuses?.length ? filter.statuses.includes(row.status as RuntimeStatus) : true;
        const after = row.created >= filter.createdFrom;
        const before = filter.createdTo === undefined || row.created <= filter.createdTo;
        return !isEntityId(row.id) && DELETE_STATES.has(row.status) && wanted && after && before;
      });
      for (const row of rows) await this.engine.registry.purge(row.id);
      return rows.length;
    });
  }

  /** @param input JSON text */
  signalEntity(name: string, key: string, operation: string, input?: string, due?: string): Promise<void> {
    return this.engine.track(async () => {
      const { registry, options } = this.engine;
      const id = entityInstanceId(name, key);
      const instance = (await registry.get(id)) ?? registry.create(id);
      const scheduled = due === undefined ? {} : { due };
      const payload = input === undefined ? {} : { input };
      const request = { op: operation, signal: true, ...payload, ...scheduled, id: guid(options.newId()) };
      await instance.accept({ kind: "operation", request });
    });
  }

  /** @returns JSON text of the state (null when it has none), or undefined when the entity does not exist */
  async readEntity(name: string, key: string): Promise<string | null | undefined> {
    const instance = await this.engine.track(() => this.engine.registry.get(entityInstanceId(name, key)));
    return instance instanceof Entity && instance.state.exists ? instance.state.state : undefined;
  }

  listEntities(filter: { name?: string; from?: string; to?: string; fetchState?: boolean }): Promise<EntityRow[]> {
    return this.engine.track(async () => {
      const rows = this.engine.registry.rows().filter((row) => {
        if (!isEntityId(row.id) || row.status === "Deleted") return false;
        const named = filter.name === undefined || parseEntityId(row.id).name === filter.name.toLowerCase();
        return named && row.updated >= (filter.from ?? "") && row.updated <= (filter.to ?? "~");
      });
      rows.sort((a, b) => (a.id < b.id ? -1 : 1));
      return Promise.all(rows.map((row) => this.#entityRow(row.id, row.updated, filter.fetchState === true)));
    });
  }

  async #entityRow(id: string, updated: string, fetchState: boolean): Promise<EntityRow> {
    const entityId = parseEntityId(id);
    const state = fetchState ? { state: (await this.readEntity(entityId.name, entityId.key)) ?? null } : {};
    return { entityId, lastOperationTime: updated, ...state };
  }

  #send(id: string, message: Message, check?: (status: RuntimeStatus) => void): Promise<void> {
    return this.engine.track(async () => {
      const instance = await this.#orchestration(id);
      const status = instance.state?.status ?? "Pending";
      if (isTerminal(status)) {
        this.engine.settle(instance);
        throw new AppError("gone", `The instance '${id}' has ended (${status}).`);
      }
      check?.(status);
      await instance.accept(message);
    });
  }

  async #orchestration(id: string): Promise<Orchestration> {
    const instance = await this.engine.registry.get(id);
    if (!(instance instanceof Orchestration)) throw unknown(id);
    return instance;
  }
}

const unknown = (id: string): AppError => new AppError("not_found", `No instance with ID '${id}' found.`);

const cannot = (verb: string, id: string, status: RuntimeStatus): AppError =>
  new AppError(
    "rule_violated",
    `Cannot ${verb} the orchestration instance ${id} because instance is in the ${status} state.`,
  );
