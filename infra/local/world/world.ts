import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { CHANGES_QUEUE } from "../../../shared/feed/nudge.js";
import { MESSAGES_OUT_QUEUE } from "../../../shared/messages/dispatches.js";
import { READINESS_QUEUE } from "../../../shared/readiness/report.js";
import { REJECTED_SIGNALS_QUEUE, SIGNALS_QUEUE } from "../../../shared/signals/signal.js";
import { WEBHOOKS_OUT_QUEUE } from "../../../shared/webhooks/outbound/deliveries.js";
import { type Azurite, listens, startAzurite } from "../azurite.js";
import { Fleet, FleetApps, loadScenario, type Scenario } from "../fleet/index.js";
import { Broker } from "../service-bus/index.js";
import type { TeamsPage } from "../teams-page/server.js";
import { type Faults, Tenant } from "../tenant/index.js";
import { type Clock, RealClock } from "../time/clock.js";
import { LinkServer } from "../time/link-server.js";
import { Timeline } from "../time/timeline.js";
import { VirtualClock } from "../time/virtual-clock.js";
import { Api } from "./api.js";
import { appRoot } from "./app-root.js";
import { freePort } from "./free-port.js";
import { HostProcess } from "./host-process.js";
import { type Managed, seed } from "./seed.js";
import { SignalSender } from "./signal-sender.js";
import type { StateFolder, WorldState } from "./state-file.js";
import { openTeamsPage, teamsSettings } from "./teams.js";
import { SET_UP_MS } from "./update.js";
import { WorldPart } from "./world-part.js";

export interface WorldOptions {
  readonly settings: WorldState;
  readonly scenarioParameters?: Readonly<Record<string, unknown>>;
  /** What the tenant lacks or refuses from its first moment; those of the scenario come with the first release. */
  readonly tenantFaults?: Faults;
  /** Update types that the sample group has beside quality and feature updates. */
  readonly managed?: Managed;
  /** Settings of the app beside those that connect it to this world, by name. */
  readonly appSettings?: Readonly<Record<string, string>>;
  /** Keeps everything in this folder; absent keeps it in memory and leaves nothing behind. */
  readonly state?: StateFolder;
  /** Where the app keeps its tables, and who sees to it; absent starts a storage service of its own. */
  readonly storage?: Azurite;
  /** Where the host keeps durable state and timers: beside the app's tables, or in itself, for as long as it runs. Default `tables`. */
  readonly durableState?: "tables" | "memory";
  /** Folder of the tenant's certificates, which several worlds may share; absent makes some for this one. */
  readonly certificates?: string;
  /** Port of the app; absent takes a free one. */
  readonly port?: number;
  /** With Microsoft Teams: a bot and a team in the tenant, and a page on which its people act. Default false. */
  readonly teams?: boolean;
  /** Domain milliseconds per real millisecond; absent jumps without pacing. */
  readonly speed?: number;
  /** Domain time is real time. */
  readonly realtime?: boolean;
  /** Called before each step of the start that takes seconds, with a sentence for people. */
  readonly onStep?: (sentence: string) => void;
  readonly onHostExit?: (reason: string) => void;
  /** Called in quiet before each jump of time; returning true ends `run`. */
  readonly beforeJump?: (now: number) => Promise<boolean>;
}

/**
 * The whole local system: storage, broker, tenant, fleet and clock in this process (and Azurite in one of its own),
 * the app in the host's process. It ends in the order host, world, storage.
 */
export class World {
  readonly api: Api;
  readonly apps: FleetApps;
  readonly broker: Broker;
  readonly fleet: Fleet;
  readonly host: HostProcess;
  readonly link: LinkServer | undefined;
  readonly scenario: Scenario;
  readonly storage: Azurite;
  readonly tenant: Tenant;
  /** The page of Microsoft Teams, where the world was started with it. */
  readonly teamsPage: TeamsPage | undefined;
  readonly #sender: SignalSender;
  readonly #clock: Clock;
  readonly #closers: (() => Promise<void> | void)[];
  readonly #timeline: Timeline | undefined;

  private constructor(parts: Parts, timeline: Timeline | undefined) {
    this.api = parts.api;
    this.apps = parts.apps;
    this.broker = parts.broker;
    this.fleet = parts.fleet;
    this.host = parts.host;
    this.link = parts.link;
    this.scenario = parts.scenario;
    this.storage = parts.storage;
    this.tenant = parts.tenant;
    this.teamsPage = parts.teamsPage;
    this.#sender = parts.sender;
    this.#clock = parts.clock;
    this.#closers = parts.closers;
    this.#timeline = timeline;
  }

  static async start(options: WorldOptions): Promise<World> {
    const closers: Parts["closers"] = [];
    try {
      const parts = await build(options, closers);
      const timeline = options.realtime === true ? undefined : timelineOf(options, parts);
      parts.fleet.start();
      parts.apps.start();
      // The devices of a new tenant are registered before the story begins.
      if (timeline !== undefined && parts.clock.now() < options.settings.startedAt) {
        options.onStep?.("Registering the devices and bringing the group's policies to the tenant.");
        await timeline.run(options.settings.startedAt);
      }
      // Only now, so that a scenario's faults meet the releases and not the first steps in the tenant.
      parts.tenant.faults.set(faultsOf(parts.scenario));
      const teamsPage = await openTeams(options, parts, timeline);
      return new World({ ...parts, teamsPage }, timeline);
    } catch (error) {
      for (const close of closers.reverse()) await close();
      throw error;
    }
  }

  /** Signals that the devices sent so far. */
  get signalsSent(): number {
    return this.#sender.sent;
  }

  /** Domain time, milliseconds. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * Runs until stopped, until `beforeJump` says so, or until everything due by `until` (ms) has happened. Returns at
   * once in real time.
   */
  async run(until?: number): Promise<void> {
    await this.#timeline?.run(until);
  }

  /** Lets everything that has been set going come to rest, without time passing. */
  async settle(): Promise<void> {
    await this.run(this.now());
  }

  /** Ends host, then world, then storage. */
  async stop(): Promise<void> {
    this.#timeline?.stop();
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

interface Parts {
  readonly api: Api;
  readonly apps: FleetApps;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly closers: (() => Promise<void> | void)[];
  readonly fleet: Fleet;
  readonly host: HostProcess;
  readonly link: LinkServer | undefined;
  readonly scenario: Scenario;
  readonly sender: SignalSender;
  readonly storage: Azurite;
  readonly tenant: Tenant;
  readonly teamsPage?: TeamsPage | undefined;
}

async function build(options: WorldOptions, closers: Parts["closers"]): Promise<Parts> {
  const { settings, state } = options;
  if (options.port !== undefined && (await listens(options.port)))
    throw new Error(`Port ${options.port} is taken by another program. Stop it, or choose another with --port N.`);
  const dir = state?.dir ?? temporaryFolder(closers);
  const resumed = state?.loadClock();
  const clock =
    options.realtime === true ? new RealClock() : new VirtualClock(resumed ?? settings.startedAt - SET_UP_MS);
  const journal = (name: string) => (state === undefined ? {} : { journal: state.path(name) });

  // Loads its modules while this process makes the tenant and the fleet.
  const starting =
    options.storage === undefined
      ? startAzurite({ tablesOnly: true, ...(state === undefined ? {} : { dir: state.storage }) })
      : Promise.resolve(options.storage);
  starting.catch(() => undefined);
  if (options.storage === undefined) closers.push(async () => (await starting.catch(() => undefined))?.stop());
  const tenant = await Tenant.start({
    clock,
    dir,
    persist: state !== undefined,
    seed: settings.seed,
    teams: options.teams === true,
    ...(options.certificates === undefined ? {} : { certificates: options.certificates }),
  });
  closers.push(() => tenant.stop());
  state?.saveAuthority(tenant.authorityUrl);
  if (options.tenantFaults !== undefined) tenant.faults.set(options.tenantFaults);
  const broker = await Broker.start({ clock, entities: [...ENTITIES], ...journal("broker.jsonl") });
  closers.push(() => broker.stop());
  const sender = new SignalSender(new ServiceBusClient(broker.connectionString));
  closers.push(() => sender.close());
  const readiness = new SignalSender(new ServiceBusClient(broker.connectionString), READINESS_QUEUE);
  closers.push(() => readiness.close());
  const scenario = loadScenario(settings.scenario, options.scenarioParameters ?? {});
  const fleet = await Fleet.create({
    clock,
    tenant,
    send: (events) => sendTick(broker, sender, events),
    sendReadiness: (reports) => sendTick(broker, readiness, reports),
    seed: settings.seed,
    size: settings.devices,
    scenario,
    ...journal("fleet.jsonl"),
  });
  closers.push(() => fleet.stop());
  const apps = new FleetApps({
    ...{ clock, seed: settings.seed, devices: fleet.devices() },
    policies: () => tenant.appPolicies(),
    send: (reports) => sendTick(broker, readiness, reports),
    ...journal("apps.jsonl"),
  });
  closers.push(() => apps.stop());

  const link = options.realtime === true ? undefined : await LinkServer.listen(() => clock.now());
  if (link !== undefined) closers.push(() => link.close());
  options.onStep?.("Starting the app.");
  const port = options.port ?? (await freePort());
  const storage = await starting;
  const own = environment({ settings, storage, tenant, broker });
  const env = {
    ...QUIET_HOST,
    ...WATCHED_ON_DEMAND,
    ...openApi(settings),
    ...teamsSettings(tenant, port),
    ...options.appSettings,
    ...own,
  };
  const host = await HostProcess.start({
    app: appRoot(),
    port,
    seed: settings.seed,
    env,
    keepsDurableState: options.durableState !== "memory",
    ...(link === undefined ? {} : { clock: link.address }),
    ...(options.onHostExit === undefined ? {} : { onExit: options.onHostExit }),
  });
  closers.push(() => (state === undefined ? host.kill() : host.stop()));
  const api = new Api(host.url, settings.functionKey, host);
  if (settings.seeded !== true) {
    options.onStep?.("Enrolling the tenant and creating its Autopatch group.");
    const objectIds = fleet.devices().map((device) => device.objectId);
    const { managed = {} } = options;
    await seed(tenant, api, { gate: settings.gate, managed, objectIds, people: tenant.teams?.people ?? [] });
    state?.save({ ...settings, seeded: true });
  }
  return { api, apps, broker, clock, closers, fleet, host, link, scenario, sender, storage, tenant };
}

async function openTeams(
  options: WorldOptions,
  { tenant, clock, host, closers }: Parts,
  timeline: Timeline | undefined,
): Promise<TeamsPage | undefined> {
  const key = options.settings.functionKey;
  const page = await openTeamsPage({ tenant, clock, host, key, timeline, speed: options.speed, port: options.port });
  if (page !== undefined) closers.push(() => page.close());
  return page;
}

/** Nobody reads the two lines that the host writes of every invocation. */
const QUIET_HOST = { AzureFunctionsJobHost__logging__logLevel__Function: "Warning" };

/** Vulnerabilities are watched where somebody says so: every month has an exploited one, and people would be asked. */
const WATCHED_ON_DEMAND = { EXPEDITE_WATCH: process.env.EXPEDITE_WATCH ?? "off" };

/** Here the printed key may do everything, and the local commands ask as often as they like. */
function openApi({ masterKey }: WorldState): Record<string, string> {
  const secret = createHmac("sha256", masterKey).update("csrf").digest("hex");
  return {
    API_KEY_ROLE: "Administrator",
    CSRF_SECRET: secret,
    API_RATE_PER_MINUTE: "600000",
    API_RATE_BURST: "100000",
  };
}

function faultsOf({ faults = {} }: Scenario): Faults {
  return Object.fromEntries(Object.entries(faults).filter(([, value]) => value !== undefined));
}

const ENTITIES = [
  { queue: SIGNALS_QUEUE, duplicateDetectionMinutes: 10 },
  { queue: READINESS_QUEUE, duplicateDetectionMinutes: 10 },
  { queue: REJECTED_SIGNALS_QUEUE },
  { queue: CHANGES_QUEUE, duplicateDetectionMinutes: 10 },
  { queue: MESSAGES_OUT_QUEUE, duplicateDetectionMinutes: 10 },
  { queue: WEBHOOKS_OUT_QUEUE, duplicateDetectionMinutes: 10 },
] as const;

/** The whole tick is in the queue before the first delivery, so that batches do not depend on how fast it was sent. */
async function sendTick(broker: Broker, sender: SignalSender, events: readonly { id: string }[]): Promise<void> {
  broker.hold();
  try {
    await sender.send(events);
  } finally {
    broker.release();
  }
}

function timelineOf(options: WorldOptions, parts: Parts): Timeline {
  const { clock, link } = parts;
  if (!(clock instanceof VirtualClock) || link === undefined) throw new Error("A timeline needs a virtual clock.");
  return new Timeline({
    start: clock.now(),
    participants: [new WorldPart({ ...parts, clock }), parts.apps, link],
    ...(options.speed === undefined ? {} : { speed: options.speed }),
    beforeJump: async (now, next) => {
      if ((await options.beforeJump?.(now)) === true) return true;
      if (next !== undefined) options.state?.saveClock(next);
      return false;
    },
  });
}

function environment(parts: {
  settings: WorldState;
  storage: Azurite;
  tenant: Tenant;
  broker: Broker;
}): Record<string, string> {
  const { settings, storage, tenant, broker } = parts;
  return {
    AzureWebJobsStorage: storage.connectionString,
    ServiceBus: broker.connectionString,
    GRAPH_BASE_URL: tenant.graphUrl,
    GRAPH_AUTHORITY: tenant.authorityUrl,
    TENANT_ID: tenant.credentials.tenantId,
    GRAPH_CLIENT_ID: tenant.credentials.clientId,
    GRAPH_CLIENT_SECRET: tenant.credentials.clientSecret,
    NODE_EXTRA_CA_CERTS: tenant.caFile,
    MSRC_URL: tenant.msrcUrl,
    KEV_URL: tenant.kevUrl,
    OFFICE_RELEASES_URL: tenant.officeUrl,
    EDGE_RELEASES_URL: tenant.edgeUrl,
    EXPEDITE_WEBHOOK_SECRET: webhookSecret(settings.functionKey),
    HOST_FUNCTION_KEY: settings.functionKey,
    HOST_MASTER_KEY: settings.masterKey,
    // Outgoing webhooks work here at once, and reach receivers on this machine.
    WEBHOOK_KEY: createHash("sha256").update(`webhooks ${settings.masterKey}`).digest("base64"),
    WEBHOOK_PRIVATE_TARGETS: "loopback",
  };
}

/** What signs requests to the expedite webhook: whoever has the function key can work it out, and nobody else. */
export function webhookSecret(functionKey: string): string {
  return createHash("sha256").update(`expedite webhook ${functionKey}`).digest("hex");
}

function temporaryFolder(closers: Parts["closers"]): string {
  const dir = mkdtempSync(join(tmpdir(), "ringmaster-"));
  closers.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
