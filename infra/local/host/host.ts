import { resolve } from "node:path";
import { CLOCK_KEY } from "../../../shared/clock.js";
import { type Clock, RealClock } from "../time/clock.js";
import { connectClock, type LinkedClock } from "../time/link.js";
import { VirtualClock } from "../time/virtual-clock.js";
import { type HostConfig, readHostConfig } from "./config/host-json.js";
import { applyValues, type LocalSettings, readLocalSettings } from "./config/local-settings.js";
import { createLogger, type Logger } from "./config/logger.js";
import { announce } from "./environment.js";
import { corsOf } from "./http/cors.js";
import { createKeys, type Keys } from "./http/keys.js";
import type { HttpHandler } from "./http/message.js";
import { HttpServer } from "./http/server.js";
import { withTimeout } from "./invocation/timeout.js";
import { Work } from "./invocation/work.js";
import { RequestCounter } from "./requests.js";
import { type RunningApp, runApp } from "./running-app.js";
import { messageOf, StartError } from "./start-error.js";
import { hostIdOf } from "./state.js";
import { type HostStorage, openStorage } from "./storage.js";
import type { Listen } from "./triggers/service-bus-trigger.js";

export interface HostOptions {
  /** Directory with host.json and package.json. */
  readonly app: string;
  /** Default: `Host.LocalHttpPort` of local.settings.json, else 7071; 0 takes a free one. */
  readonly port?: number;
  /** A clock, or the address of a timeline to follow (`host:port`). Default: real time. */
  readonly clock?: Clock | string;
  /** Makes ids the same in every run. */
  readonly seed?: number;
  /** Checks keys, from HOST_MASTER_KEY and HOST_FUNCTION_KEY where set. Default off, as with `func start`. */
  readonly auth?: boolean;
  /** Connection string, or `memory` to keep nothing. Default: the setting AzureWebJobsStorage, else an own Azurite. */
  readonly storage?: string;
  /** Where the own Azurite keeps its data. */
  readonly storageDir?: string;
  /** Logs everything, whatever host.json says. */
  readonly verbose?: boolean;
  /** Default: the process's. Settings of local.settings.json are added to it. */
  readonly env?: NodeJS.ProcessEnv;
  /** Takes log lines. Default: standard output. */
  readonly write?: (line: string) => void;
  /** Attaches Service Bus triggers; tests give their own. */
  readonly listen?: Listen;
}

export interface HostStats {
  readonly requestsByPort: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly maxHistoryEvents: number;
  readonly peakRssMb: number;
}

export interface RunningHost {
  readonly url: string;
  readonly port: number;
  readonly keys: Keys;
  /** Names of the functions that run, in order of registration. */
  readonly functions: readonly string[];
  /** True when nothing runs, no message is unsettled and nothing durable is ready or unsaved. */
  idle(): boolean;
  /** A counter that grows with everything the host does. */
  activity(): number;
  stats(): HostStats;
  /** Finishes what runs (10 seconds at most), then stops everything the host started. */
  stop(): Promise<void>;
}

const DEFAULT_PORT = 7_071;
const DRAIN_MS = 10_000;

/** Starts a function app. Throws a StartError, one line that names file and field, when the app is at fault. */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const host = new Host(options);
  try {
    await host.start();
  } catch (error) {
    await host.stop();
    throw error;
  }
  return host;
}

class Host implements RunningHost {
  readonly #options: HostOptions;
  readonly #app: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #settings: LocalSettings;
  readonly #config: HostConfig;
  readonly #log: Logger;
  readonly #requests = new RequestCounter();
  readonly keys: Keys;
  #clock: Clock = new RealClock();
  #link: LinkedClock | undefined;
  #work = new Work({ serial: false });
  #storage: HostStorage | undefined;
  #server: HttpServer | undefined;
  #handlers: readonly HttpHandler[] = [];
  #running: RunningApp | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#app = resolve(options.app);
    this.#env = options.env ?? process.env;
    this.#settings = readLocalSettings(this.#app);
    applyValues(this.#settings, this.#env);
    this.#config = readHostConfig(this.#app, this.#env);
    const write = options.write ?? ((line: string) => process.stdout.write(`${line}\n`));
    this.#log = createLogger(this.#config.logging.logLevel, write, options.verbose);
    this.keys = createKeys(options.auth ?? false, this.#env);
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get functions(): readonly string[] {
    return this.#running?.functions.map(({ name }) => name) ?? [];
  }

  async start(): Promise<void> {
    const { storage, storageDir, listen, seed } = this.#options;
    await this.#openClock();
    const serial = this.#clock instanceof VirtualClock;
    this.#work = new Work({ serial });
    this.#server = await this.#openServer();
    announce(this.#env, this.#app, this.port);
    this.#storage = await openStorage(storage, this.#env, this.#app, storageDir);
    this.#running = await runApp({
      dir: this.#app,
      env: this.#env,
      config: this.#config,
      hostId: hostIdOf(this.#app, this.#env),
      connectionString: this.#storage.connectionString,
      clock: this.#clock,
      work: this.#work,
      serial,
      keys: this.keys,
      port: this.port,
      log: this.#log,
      serve: (handlers) => {
        this.#handlers = handlers;
      },
      ...(seed === undefined ? {} : { seed }),
      ...(listen === undefined ? {} : { listen }),
    });
    this.#link?.serve(this);
  }

  idle(): boolean {
    return this.#work.running === 0 && (this.#running?.idle() ?? false);
  }

  activity(): number {
    return this.#work.activity() + (this.#running?.activity() ?? 0);
  }

  stats(): HostStats {
    const { executions = 0, maxHistoryEvents = 0 } = this.#running?.stats() ?? {};
    const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    return { requestsByPort: this.#requests.counts(), executions, maxHistoryEvents, peakRssMb };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#server?.stopListening();
    const drained = this.#work.drained(DRAIN_MS);
    await this.#bounded(this.#running?.stopTriggers());
    if (!(await drained)) this.#log("warning", "Host", `Some functions still ran after ${DRAIN_MS / 1_000} s.`);
    await this.#bounded(this.#running?.stop());
    this.#server?.close();
    this.#link?.close();
    this.#requests.stop();
    await this.#storage?.stop();
  }

  /** A function that never ends must not keep the host from stopping. */
  async #bounded(job: Promise<void> | undefined): Promise<void> {
    await withTimeout(job ?? Promise.resolve(), DRAIN_MS, "It did not stop in time.").catch((error: unknown) =>
      this.#log("warning", "Host", messageOf(error)),
    );
  }

  /** The app reads domain time through the clock left here (shared/clock.ts). */
  async #openClock(): Promise<void> {
    const { clock } = this.#options;
    if (typeof clock === "string") {
      this.#link = await connectClock(clock).catch((error: unknown) => {
        throw new StartError("--clock", messageOf(error));
      });
      this.#clock = this.#link;
    } else if (clock !== undefined) this.#clock = clock;
    (globalThis as { [CLOCK_KEY]?: Clock })[CLOCK_KEY] = this.#clock;
  }

  /** Listens before the app is loaded: its address is part of what the app is told. */
  async #openServer(): Promise<HttpServer> {
    const { maxConcurrentRequests, maxOutstandingRequests, customHeaders } = this.#config.extensions.http;
    const limits = [maxConcurrentRequests, maxOutstandingRequests].filter((limit) => limit >= 0);
    const port = this.#options.port ?? this.#settings.Host.LocalHttpPort ?? DEFAULT_PORT;
    return HttpServer.listen({
      port,
      handlers: () => this.#handlers,
      work: this.#work,
      cors: corsOf(this.#settings),
      customHeaders,
      maxRequests: limits.length === 0 ? -1 : Math.min(...limits),
      onError: (message) => this.#log("error", "Host.Http", message),
    }).catch((error: unknown) => {
      throw new StartError(`port ${port}`, messageOf(error));
    });
  }
}
