import { Fleet, parseScenario } from "../../infra/local/fleet/index.js";
import { INTUNE, items, type TestTenant, UPDATES } from "../unit/infra/local/tenant/support.js";
import { emulated, persistently } from "../unit/shared/graph/emulated.js";
import { type ApiInMemory, reset } from "./api-in-memory.js";

const DAY = 86_400_000;
/** Six days after the B release of November 2024: Windows 11 24H2 is there. */
const BEGIN = "2024-11-18T12:00:00Z";

export type Deployed = Awaited<ReturnType<typeof deploymentsTenant>>;

/** A tenant with devices that may be deployed to, and what deployments do in it. */
export async function deploymentsTenant(api: ApiInMemory, { devices: size = 6, at = BEGIN } = {}) {
  reset(api);
  const { test, graph } = await emulated(1, { at });
  const devices = test.devices(size, { attributes: { networkDriver: "Contoso 1.0" } }).map(({ deviceId }) => deviceId);
  const { bring } = await import("../../shared/deployments/bring.js");
  const { pendingWork, watchDeployments } = await import("../../shared/deployments/watch.js");
  const now = () => test.clock.now();

  /** Carries out what was decided, as the orchestration does. */
  async function carry(): Promise<void> {
    for (const ref of await pendingWork()) await persistently(test, () => bring(graph, ref, now()));
  }
  async function entryId(name: string): Promise<string> {
    const found = items(await test.get(`${UPDATES}/catalog/entries?$top=500`));
    return String(found.find(({ shortName, version }) => shortName === name || version === name)?.id);
  }
  /** Contoso publishes a driver; returns its id. */
  function driver(version: string, until?: number): string {
    return test.tenant.publishDriver({
      ...{ component: "Contoso - Net", manufacturer: "Contoso", driverClass: "Net", version },
      ...{ isRequired: true, releasedAt: now(), deployableUntil: until ?? null },
    });
  }
  const create = (body: object, key?: string) =>
    api.call("deploymentsCreate", {
      body: { devices, ...body },
      headers: key === undefined ? {} : { "idempotency-key": key },
    });
  return {
    ...{ test, graph, devices, carry, entryId, driver, create, now },
    /** Lets time pass, and looks at the deployments then. */
    watch: async (days = 0) => {
      test.pass(days * 86_400);
      await watchDeployments(graph, now());
      await carry();
    },
    after: (days: number) => new Date(now() + days * DAY).toISOString(),
    get: async (id: string) => (await api.call("deploymentsGet", { params: { deploymentId: id } })).body,
    /** Deployments that the tenant has. */
    inTenant: async () => items(await test.get(`${UPDATES}/deployments`)),
    audiences: async () => items(await test.get(`${UPDATES}/deploymentAudiences`)),
  };
}

/** Simulated devices in a tenant that take what they are offered, and report to Intune; all of them are on and well. */
export async function fleetIn(test: TestTenant, size: number) {
  const { clock, tenant } = test;
  const model = { offlineShare: 0, baseFailureRate: 0 };
  const scenario = parseScenario({ name: "test", about: "Healthy devices.", model });
  const fleet = await Fleet.create({ clock, tenant, seed: 1, size, scenario, send: async () => undefined });
  fleet.start();
  const devices = fleet.devices().flatMap(({ record, deviceId }) => (record.version === "23H2" ? [deviceId] : []));
  return {
    /** Those that can take the next version of Windows 11. */
    devices,
    /** Lives on for so many days. */
    live: async (days: number) => {
      const to = clock.now() + days * DAY;
      for (let due = clock.nextDue(); due !== undefined && due <= to; due = clock.nextDue()) {
        clock.advance(due);
        await fleet.quiet();
      }
      clock.advance(to);
    },
    /** How many of them Intune knows to have a version. */
    having: async (build: string) => {
      const managed = items(await test.get(`${INTUNE}/managedDevices?$top=999`));
      const found = managed.filter(({ azureADDeviceId }) => devices.includes(String(azureADDeviceId)));
      return found.filter(({ osVersion }) => String(osVersion).startsWith(build)).length;
    },
    stop: () => fleet.stop(),
  };
}
