import { beforeEach, describe, expect, it, vi } from "vitest";
import { learnHistory } from "../../../shared/gate/history.js";
import { defaultGroup } from "../../../shared/groups/defaults.js";
import type { OfficePin } from "../../../shared/groups/office-pin.js";
import { table, tables } from "../shared/registration/estate.js";
import { registered } from "./puppet.js";

vi.doMock("../../../shared/store/tables.js", () => ({ table }));
vi.mock("durable-functions", async (original) => ({ ...(await original<object>()), getClient: () => ({}) }));
vi.mock("../../../workflows/client.js", () => ({ startOnce: async () => undefined, rouse: async () => undefined }));
const groups = vi.hoisted(() => ({ pins: {} as Record<string, unknown> }));
vi.doMock("../../../shared/groups/store.js", async (original) => ({
  ...(await original<object>()),
  listGroups: async () => [],
  findGroup: async () => ({ body: { ...GROUP, officePins: groups.pins } }),
}));

const { handlers } = registered();
await import("../../../workflows/activities/apps.js");
const { officeUpdateOf } = await import("../../../shared/microsoft-365-apps/update.js");
const { newRelease, newRings } = await import("../../../shared/releases/create.js");
const { newsFrom } = await import("../../../shared/releases/news.js");
const { applyRingEvent } = await import("../../../shared/releases/ring-events.js");
const { inboxOf } = await import("../../../shared/releases/ring-inbox.js");
const { listRings, saveRelease, saveRing } = await import("../../../shared/releases/store.js");
const { keepInventories } = await import("../../../shared/inventory/store.js");
const { ledger, reopenLedger } = await import("../../../shared/ledger/index.js");

const AT = Date.parse("2024-05-20T00:00:00Z");
const DAY = 86_400_000;
const VERSIONS = ["2403", "2404"].map((name) => ({
  ...{ channel: "monthlyEnterprise", name, version: `16.0.1${name}.20100`, publishedAt: new Date(AT).toISOString() },
}));
const [OLD, NEW] = VERSIONS;
if (OLD === undefined || NEW === undefined) throw new Error("Two versions are needed.");
const definition = defaultGroup("Workforce");
const bindings = Object.fromEntries(definition.rings.map(({ name }) => [name, { entraGroupId: `g-${name}` }]));
const GROUP = { id: "workforce", definition, status: "active", bindings } as const;
const update = officeUpdateOf(NEW, VERSIONS, GROUP);
const id = "r1";
const release = {
  ...newRelease({ id, group: GROUP, update, others: [], history: learnHistory([]), now: AT }),
  prepared: true,
};

const devices = Array.from({ length: 4 }, (_, n) => `00000000-0000-4000-8000-00000000000${n}`);
const ringOf = (n: number) => (n < 2 ? "Test" : "Ring1");

/** The agents of all devices say which version they have; then the daily look comes. */
async function look(day: number, versionOf: (n: number) => string): Promise<void> {
  const at = AT + day * DAY;
  const told = devices.map((deviceId, n) => ({
    ...{ deviceId, at: new Date(at).toISOString() },
    inventory: { office: { version: versionOf(n), channel: "monthlyEnterprise" } },
  }));
  await keepInventories(told);
  const outcome = await handlers.get("followAppInventory")?.({ at, input: {} }, { error: console.error });
  expect(outcome).not.toHaveProperty("error");
  const inbox = await inboxOf(id);
  for (const ring of await listRings(id)) {
    const letters = inbox(ring.ring);
    const state = letters.map(({ event }) => event).reduce(applyRingEvent, ring.state);
    await saveRing({ ...ring, state, seen: letters.map(({ key }) => key), revision: ring.revision + 1 });
  }
}

async function heard() {
  const facts = { release, rings: await listRings(id), summary: await (await ledger()).summary(id) };
  const { steps, rolledBack } = newsFrom(facts, () => [], []);
  const back = Object.fromEntries(
    Object.entries(facts.summary.rings).map(([ring, counts]) => [ring, counts.rolledBack]),
  );
  return { failures: Object.fromEntries(steps.map(({ ring, failures }) => [ring, failures])), rolledBack, back };
}

beforeEach(async () => {
  tables.clear();
  reopenLedger();
  groups.pins = {};
  const books = await ledger();
  await books.enrolDevices(
    id,
    devices.map((deviceId, n) => ({ deviceId, objectId: deviceId, ring: ringOf(n), attributes: {} })),
  );
  await saveRelease(release);
  for (const ring of newRings(release, GROUP)) await saveRing(ring);
  for (const ring of ["Test", "Ring1"]) await books.offerWave(id, ring, 0, "rest", new Date(AT).toISOString());
  await look(1, () => NEW.version);
});

describe("Devices that go back to an older version of Office", () => {
  const pin = (keepsInstalled = false): OfficePin => ({ version: OLD.version, keepsInstalled });

  it("count against it where nobody had them go back", async () => {
    await look(2, (n) => (n === 0 ? OLD.version : NEW.version));
    expect(await heard()).toMatchObject({ failures: { Test: 1, Ring1: 0 }, rolledBack: 1 });
  });

  it("show as rolled back and do not count where people rolled their ring back, also once it is resumed", async () => {
    groups.pins = { Ring1: pin() };
    await look(2, (n) => (n === 2 ? OLD.version : NEW.version));
    expect((await heard()).failures).toEqual({ Test: 0, Ring1: 0 });
    groups.pins = {};
    await look(3, (n) => (n >= 2 ? OLD.version : NEW.version));
    expect(await heard()).toEqual({ failures: { Test: 0, Ring1: 0 }, rolledBack: 0, back: { Test: 0, Ring1: 2 } });
  });

  it("count where their ring is only paused, which takes nobody back", async () => {
    groups.pins = { Ring1: pin(true) };
    await look(2, (n) => (n === 2 ? OLD.version : NEW.version));
    expect((await heard()).failures).toEqual({ Test: 0, Ring1: 1 });
  });
});
