import type { Clock } from "../time/clock.js";
import { type AppFunction, indexFunctions } from "./app/functions.js";
import { type LoadedApp, loadApp } from "./app/load.js";
import type { HostConfig } from "./config/host-json.js";
import type { Logger } from "./config/logger.js";
import { Settings } from "./config/settings.js";
import { clientInput, createDurable, type Durable, hubNameOf, needsDurable } from "./durable.js";
import { adminApi, type HostState, homePage } from "./http/admin.js";
import { httpFunctions } from "./http/functions.js";
import type { Keys } from "./http/keys.js";
import type { HttpHandler } from "./http/message.js";
import { streamingCalls } from "./http/streaming.js";
import { idSource } from "./invocation/ids.js";
import { createInvoker, type Invoker, runHooks } from "./invocation/invoke.js";
import type { Work } from "./invocation/work.js";
import { ServiceBusOutputs } from "./outputs/service-bus.js";
import { messageOf, StartError } from "./start-error.js";
import { memoryState, type HostState as SavedState, tableState } from "./state.js";
import { listen } from "./triggers/service-bus.js";
import type { Listen } from "./triggers/service-bus-trigger.js";
import { Triggers } from "./triggers/triggers.js";

export interface RunOptions {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly config: HostConfig;
  readonly hostId: string;
  /** Undefined keeps timers and durable state in memory. */
  readonly connectionString: string | undefined;
  readonly clock: Clock;
  readonly work: Work;
  /** Virtual time: one invocation at a time. */
  readonly serial: boolean;
  readonly keys: Keys;
  readonly port: number;
  readonly log: Logger;
  /** Gives the HTTP front its handlers. */
  readonly serve: (handlers: readonly HttpHandler[]) => void;
  readonly seed?: number;
  readonly listen?: Listen;
}

/** Loads the app, checks everything it registered, then starts it. Throws a StartError before anything has run. */
export async function runApp(options: RunOptions): Promise<RunningApp> {
  let state: HostState = "Initializing";
  const admin = (functions: readonly AppFunction[], triggers?: Triggers) =>
    adminApi({
      hostId: options.hostId,
      functions,
      routePrefix: options.config.extensions.http.routePrefix,
      keys: options.keys,
      state: () => state,
      uptime: () => Math.round(process.uptime() * 1_000),
      url: () => `http://127.0.0.1:${options.port}`,
      run: (fn, input) => triggers?.runNow(fn, input),
    });
  options.serve([admin([])]);
  const app = await assemble(options);
  options.serve([
    admin(app.functions, app.triggers),
    ...(app.durable === undefined ? [] : [app.durable.http]),
    httpFunctions({
      functions: app.functions.filter((fn) => fn.kind === "httpTrigger"),
      routePrefix: options.config.extensions.http.routePrefix,
      keys: options.keys,
      invoke: app.invoke,
      ...streaming(app, options),
    }),
    homePage,
  ]);
  const running = new RunningApp(app, options);
  try {
    await running.start();
  } catch (error) {
    await running.stopTriggers();
    await running.stop();
    throw error;
  }
  state = "Running";
  return running;
}

interface Parts {
  readonly loaded: LoadedApp;
  readonly functions: readonly AppFunction[];
  readonly invoke: Invoker;
  readonly outputs: ServiceBusOutputs;
  readonly triggers: Triggers;
  readonly durable: Durable | undefined;
  readonly newId: () => string;
  readonly saved: SavedState;
}

/** Everything checked and wired, nothing started. */
async function assemble(options: RunOptions): Promise<Parts> {
  const { config, clock, work, log, keys, connectionString, serial } = options;
  const settings = new Settings(options.env);
  const loaded = await loadApp(options.dir);
  loaded.registry.writeLogsTo((level, category, message) => log(level, `Worker.${category}`, message));
  const functions = indexFunctions(loaded.registry, config, settings);
  if (functions.length === 0) {
    throw new StartError("host.json: functions", "every function of the app is disabled or left out");
  }
  const hubName = hubNameOf(config.extensions.durableTask, settings);
  const outputs = new ServiceBusOutputs(functions, settings);
  const saved = await openState(options);
  const newId = idSource(options.seed, saved.earlierStarts);
  const invoke = createInvoker({
    app: loaded,
    log,
    newId,
    timeoutMs: config.functionTimeout,
    durableClient: () => clientInput(hubName, options.port, keys),
    sendOutputs: (fn, response) => outputs.send(fn, response),
  });
  const triggers = new Triggers(functions, {
    clock,
    work,
    invoke,
    settings,
    log,
    config: config.extensions.serviceBus,
    status: saved.timers,
    listen: options.listen ?? listen,
  });
  const durable = needsDurable(functions)
    ? await createDurable(
        {
          functions,
          config: config.extensions.durableTask,
          settings,
          connectionString,
          clock,
          serial,
          work,
          invoke,
          newId,
          keys,
          log,
        },
        hubName,
      )
    : undefined;
  return { loaded, functions, invoke, outputs, triggers, durable, newId, saved };
}

function streaming({ loaded, invoke, newId }: Parts, options: RunOptions) {
  if (loaded.httpUri === undefined) return {};
  options.log("debug", "Host.Http", `The app serves HTTP itself at ${loaded.httpUri}`);
  return { streaming: streamingCalls(loaded.httpUri, invoke, newId) };
}

async function openState({ connectionString, hostId }: RunOptions): Promise<SavedState> {
  if (connectionString === undefined) return memoryState();
  return tableState(connectionString, hostId).catch((error: unknown) => {
    throw new StartError("AzureWebJobsStorage", `the storage cannot be used: ${messageOf(error)}`);
  });
}

/** The app's functions at work. */
export class RunningApp {
  readonly #parts: Parts;
  readonly #options: RunOptions;

  constructor(parts: Parts, options: RunOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  get functions(): readonly AppFunction[] {
    return this.#parts.functions;
  }

  async start(): Promise<void> {
    const { registry } = this.#parts.loaded;
    const shared = { hookData: {}, appHookData: registry.appHookData };
    try {
      await runHooks(registry.hooks("appStart"), { ...shared, functionAppDirectory: this.#options.dir });
    } catch (error) {
      throw new StartError("appStart hook", messageOf(error));
    }
    await this.#parts.durable?.engine.start();
    await this.#parts.triggers.start();
  }

  /** Nothing waits to run: no message is unsettled, nothing durable is ready or unsaved. */
  idle(): boolean {
    return this.#parts.triggers.idle() && (this.#parts.durable?.engine.idle() ?? true);
  }

  activity(): number {
    return this.#parts.triggers.activity() + (this.#parts.durable?.engine.activity() ?? 0);
  }

  stats(): { executions: number; maxHistoryEvents: number } {
    return this.#parts.durable?.engine.stats() ?? { executions: 0, maxHistoryEvents: 0 };
  }

  /** Timers and messages start nothing new from now on. */
  async stopTriggers(): Promise<void> {
    await this.#parts.triggers.stop();
  }

  async stop(): Promise<void> {
    const { durable, loaded, outputs, saved } = this.#parts;
    await durable?.engine.stop();
    await saved
      .flush()
      .catch((error: unknown) => this.#options.log("error", "Host", `Timers were not kept: ${messageOf(error)}`));
    await runHooks(loaded.registry.hooks("appTerminate"), {
      hookData: {},
      appHookData: loaded.registry.appHookData,
    }).catch((error: unknown) =>
      this.#options.log("error", "Host", `An appTerminate hook failed: ${messageOf(error)}`),
    );
    await outputs.close();
  }
}
