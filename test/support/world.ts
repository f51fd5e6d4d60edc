import { vi } from "vitest";
import type { Faults } from "../../infra/local/tenant/index.js";
import type { Managed } from "../../infra/local/world/seed.js";
import { World } from "../../infra/local/world/world.js";
import { sharedCertificates } from "./certificates.js";
import { holdToContract } from "./contract.js";
import { freshStorage } from "./storage.js";

export type { World };

/** Weeks of domain time may pass in one step, on a machine that is busy with other tests. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

export interface TestWorldOptions {
  /** Domain time at which it begins, e.g. `2024-06-11T00:00Z`. */
  readonly from: string;
  /** Default 60. */
  readonly devices?: number;
  /** Default `nominal`. */
  readonly scenario?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Default `off`: time alone moves the rings. */
  readonly gate?: "off" | "advise" | "enforce";
  /** Default 1. */
  readonly seed?: number;
  /** What the service manages for the group beside quality and feature updates. */
  readonly managed?: Managed;
  /** What the tenant lacks or refuses from its first moment. */
  readonly tenantFaults?: Faults;
  /**
   * Leaves out what watches directory, licences, policies and the catalogue by the hour, and what makes up for lost
   * wakes, for long stretches in which only releases of Patch Tuesdays matter. Default false.
   */
  readonly releasesOnly?: boolean;
  /**
   * Keeps durable state in storage, as a deployed app does; else the host has it in memory, which costs a sixth less.
   * For what is about that state, and for proofs of the whole stack. Default false.
   */
  readonly durableTables?: boolean;
  /** With Microsoft Teams: a bot, a team, and the page on which its people act. Default false. */
  readonly teams?: boolean;
  /** Settings of the app by name, as an administrator makes them. */
  readonly appSettings?: Readonly<Record<string, string>>;
}

const WATCHERS = [
  ...["discoveryHourly", "discoveryDaily", "policyHealthWatch", "policyConflictsDaily", "tenantCheckup"],
  ...["unfinishedHourly", "changesHourly", "hotpatchDaily", "featureDevicesDaily", "catalogueHourly"],
  ...["driversHourly", "appsDaily", "deploymentsHourly", "qualityPoliciesHourly"],
];
export const WATCHERS_OFF: Readonly<Record<string, string>> = Object.fromEntries(
  WATCHERS.map((name) => [`AzureWebJobs.${name}.Disabled`, "true"]),
);

/** For `appSettings` beside `releasesOnly`: updates that come on other days become releases too. */
export const ANY_DAY = { "AzureWebJobs.catalogueHourly.Disabled": "false" };

/**
 * A whole local system in memory and virtual time, with one Autopatch group `workforce` of the five default rings. Calls
 * of its API are held to openapi.json.
 */
export async function startWorld(options: TestWorldOptions): Promise<World> {
  const { from, devices = 60, scenario = "nominal", parameters, gate = "off", seed = 1 } = options;
  const { managed = {}, tenantFaults, teams = false, releasesOnly = false, durableTables = false } = options;
  const appSettings = { ...(releasesOnly ? WATCHERS_OFF : {}), ...options.appSettings };
  const functionKey = "function-key-of-the-tests";
  const world = await World.start({
    settings: {
      seed,
      devices,
      scenario,
      update: "",
      gate,
      startedAt: instant(from),
      functionKey,
      masterKey: "master-key-of-the-tests",
    },
    ...(parameters === undefined ? {} : { scenarioParameters: parameters }),
    ...(tenantFaults === undefined ? {} : { tenantFaults }),
    appSettings,
    managed,
    teams,
    storage: await freshStorage(),
    durableState: durableTables ? "tables" : "memory",
    certificates: await sharedCertificates(),
  });
  holdToContract(world.api.url, functionKey);
  return world;
}

/** Milliseconds of an ISO date-time; minutes may end it. */
export function instant(text: string): number {
  const at = Date.parse(text.replace(/T(\d\d:\d\d)Z$/, "T$1:00Z"));
  if (Number.isNaN(at)) throw new Error(`${text} is no instant.`);
  return at;
}

/** Runs the world until `at` (ms, or ISO) and lets what happens then come to rest. */
export async function runTo(world: World, at: number | string): Promise<void> {
  await world.run(typeof at === "string" ? instant(at) : at);
  await world.settle();
}
