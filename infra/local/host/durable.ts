import {
  clientBinding,
  DurableEngine,
  durableHttp,
  type FunctionInvoker,
  type FunctionKind,
  memoryStore,
  tableStore,
} from "../durable/index.js";
import type { Clock } from "../time/clock.js";
import type { AppFunction, TriggerType } from "./app/functions.js";
import type { HostConfig } from "./config/host-json.js";
import type { Logger } from "./config/logger.js";
import type { Settings } from "./config/settings.js";
import type { Keys } from "./http/keys.js";
import { type HttpAnswer, type HttpHandler, json } from "./http/message.js";
import type { Invoker } from "./invocation/invoke.js";
import { decode } from "./invocation/typed-data.js";
import type { Work } from "./invocation/work.js";
import { messageOf, StartError } from "./start-error.js";

const WEBHOOKS = "/runtime/webhooks/durabletask";
/** Where the durable client calls; on the real host a listener of its own on the loopback interface. */
const RPC = "/durabletask";

const KINDS: Partial<Record<TriggerType, FunctionKind>> = {
  orchestrationTrigger: "orchestration",
  entityTrigger: "entity",
  activityTrigger: "activity",
};

/** Real time: these are the constants of the Azure Storage provider (functions-host.md §5.2). */
const MAX_SHORT_TIMER_MS = 6 * 86_400_000;
const LONG_TIMER_SEGMENT_MS = 3 * 86_400_000;

/** True when the app has durable functions or a client of them. */
export function needsDurable(functions: readonly AppFunction[]): boolean {
  return functions.some((fn) => fn.kind in KINDS || fn.bindings.some(({ type }) => type === "durableClient"));
}

export interface DurableDeps {
  readonly functions: readonly AppFunction[];
  readonly config: HostConfig["extensions"]["durableTask"];
  readonly settings: Settings;
  /** Default storage; undefined keeps everything in memory. */
  readonly connectionString: string | undefined;
  readonly clock: Clock;
  readonly serial: boolean;
  readonly work: Work;
  readonly invoke: Invoker;
  readonly newId: () => string;
  readonly keys: Keys;
  readonly log: Logger;
}

export interface Durable {
  readonly engine: DurableEngine;
  readonly http: HttpHandler;
}

/** The hub's name with its settings resolved. Throws a StartError that names the key. */
export function hubNameOf(config: HostConfig["extensions"]["durableTask"], settings: Settings): string {
  const field = "host.json: extensions.durableTask.hubName";
  let name: string;
  try {
    name = settings.resolve(config.hubName);
  } catch (error) {
    throw new StartError(field, messageOf(error));
  }
  if (/^[A-Za-z][A-Za-z0-9]{2,44}$/.test(name)) return name;
  throw new StartError(field, `expected 3 to 45 letters and digits, a letter first; received "${name}"`);
}

/** JSON text of the durableClient input for a host on `port`. */
export function clientInput(hubName: string, port: number, keys: Keys): string {
  return clientBinding({ hubName, baseUrl: `http://127.0.0.1:${port}`, systemKey: keys.system });
}

/** The durable engine over this host's functions, not started yet, and its HTTP API. */
export async function createDurable(deps: DurableDeps, hubName: string): Promise<Durable> {
  const { config, work } = deps;
  const connectionString = hubConnection(deps);
  const engine = new DurableEngine({
    store: connectionString === undefined ? memoryStore() : await tableStore(connectionString, hubName),
    clock: deps.clock,
    invoker: functionInvoker(deps),
    log: (level, message) => deps.log(level, "Host.Triggers.DurableTask", message),
    options: {
      hubName,
      maxShortTimerMs: MAX_SHORT_TIMER_MS,
      longTimerSegmentMs: LONG_TIMER_SEGMENT_MS,
      defaultHttpPollMs: config.httpSettings.defaultAsyncRequestSleepTimeMilliseconds,
      maxEntityBatch: config.maxEntityOperationBatchSize,
      maxConcurrentActivities: config.maxConcurrentActivityFunctions,
      maxConcurrentOrchestrators: config.maxConcurrentOrchestratorFunctions,
      maxOrchestrationActions: config.maxOrchestrationActions,
      overridableExistingInstanceStates: config.overridableExistingInstanceStates,
      ...(config.defaultVersion === undefined ? {} : { defaultVersion: config.defaultVersion }),
      serial: deps.serial,
      newId: deps.newId,
      ...(deps.serial ? { exclusive: <T>(run: () => Promise<T>) => work.exclusive(run) } : {}),
    },
  });
  return { engine, http: mount(engine, hubName, deps.keys) };
}

function hubConnection({ config, settings, connectionString }: DurableDeps): string | undefined {
  const name = config.storageProvider.connectionStringName ?? config.storageProvider.connectionName;
  if (connectionString === undefined || name === undefined || name === "AzureWebJobsStorage") return connectionString;
  try {
    return settings.connection(name);
  } catch (error) {
    throw new StartError("host.json: extensions.durableTask.storageProvider", messageOf(error));
  }
}

function functionInvoker({ functions, invoke, work }: DurableDeps): FunctionInvoker {
  const byName = new Map(functions.map((fn) => [`${KINDS[fn.kind]} ${fn.name.toLowerCase()}`, fn]));
  const find = (kind: FunctionKind, name: string) => byName.get(`${kind} ${name.toLowerCase()}`);
  return {
    has: (kind, name) => find(kind, name) !== undefined,
    invoke: async (kind, name, trigger, { instanceId }) => {
      const fn = find(kind, name);
      if (fn === undefined) throw new Error(`There is no ${kind} function "${name}".`);
      const call = { fn, data: trigger ?? {}, metadata: { instanceId: { string: instanceId } } };
      const { ok, error, context, response } = await work.track(async () => {
        await letOthersIn();
        return invoke(call);
      });
      return {
        ok,
        context,
        value: decode(response?.returnValue),
        ...(error === undefined ? {} : { error }),
      };
    },
  };
}

/** Orchestrators and activities that never wait for the outside would keep HTTP requests and timers from running. */
function letOthersIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function mount(engine: DurableEngine, hubName: string, keys: Keys): HttpHandler {
  const answer = durableHttp(engine, { hubName, systemKey: keys.system });
  return async (request) => {
    const { pathname, searchParams } = request.url;
    const base = [RPC, WEBHOOKS].find((prefix) => pathname.toLowerCase().startsWith(`${prefix}/`));
    if (base === undefined) return undefined;
    if (base === WEBHOOKS && !keys.allowsSystem(request)) return { status: 401 };
    const { method, headers, body } = request;
    return toAnswer(await answer({ method, path: pathname.slice(base.length), query: searchParams, headers, body }));
  };
}

function toAnswer({
  status,
  headers,
  body,
}: {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}): HttpAnswer {
  if (body === undefined) return { status, headers };
  return typeof body === "string" || body instanceof Uint8Array
    ? { status, headers, body }
    : json(status, body, headers);
}
