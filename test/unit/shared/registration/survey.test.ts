import { describe, expect, it } from "vitest";
import type { DirectoryDevice } from "../../../../shared/graph/directory-groups.js";
import type { ManagedDevice } from "../../../../shared/graph/inventory.js";
import type { StoredGroup } from "../../../../shared/groups/store.js";
import { READINESS_CHECKS } from "../../../../shared/readiness/checks.js";
import type { AgentReport } from "../../../../shared/readiness/judge.js";
import type { DeviceRecord } from "../../../../shared/registration/device.js";
import { type Place, survey } from "../../../../shared/registration/survey.js";
import { definitionOf, type Sources } from "./estate.js";
import { deviceId, managed } from "./records.js";

const NOW = Date.parse("2026-11-21T00:00:00Z");
const POOL: Place = { groupId: "contoso", ring: null };

interface Estate {
  readonly sources?: Sources;
  /** Places by the number of the device. */
  readonly places: ReadonlyMap<number, readonly Place[]>;
  readonly managed?: (n: number) => Partial<ManagedDevice> | undefined;
  readonly reports?: ReadonlyMap<string, AgentReport>;
  readonly now?: number;
}

function directory(n: number): DirectoryDevice {
  const object = { objectId: deviceId(n).replace(/^d/, "a"), deviceId: deviceId(n), name: `PC-${n}` };
  const facts = { operatingSystem: "Windows", accountEnabled: true, isManaged: true };
  return { ...object, ...facts, registeredAt: null, lastSignInAt: null };
}

function look(estate: Estate, register: readonly DeviceRecord[] = []) {
  const { places, managed: patch = () => ({}), reports = new Map(), now = NOW } = estate;
  const groups = ["contoso", "fabrikam"].map((id) => {
    const sources = estate.sources ?? { dynamic: { Ring1: 10, Ring2: 25, Ring3: 65 }, pool: ["p"] };
    return { id, definition: definitionOf(id, sources), status: "active", bindings: {} } as unknown as StoredGroup;
  });
  const facts = new Map<string, ManagedDevice>();
  for (const n of places.keys()) {
    const own = patch(n);
    const base = { ...managed({ serialNumber: `S-${n}` }), name: null };
    if (own !== undefined) facts.set(deviceId(n), { ...base, deviceId: deviceId(n), ...own } as ManagedDevice);
  }
  const devices = new Map([...places].map(([n, found]) => [deviceId(n), { device: directory(n), places: found }]));
  const after = survey(
    { devices, unseen: () => false, managed: facts, businessCloudPcs: new Set(), groups, reports, now },
    register,
  );
  const records = [...after.values()].flatMap((record) => record ?? []);
  return { records, of: (n: number) => after.get(deviceId(n)) };
}

const pool = (count: number) => new Map(Array.from({ length: count }, (_, n) => [n, [POOL]]));
const sizes = (records: readonly DeviceRecord[]) =>
  ["Test", "Ring1", "Ring2", "Ring3", "Last"].map((name) => records.filter(({ ring }) => ring === name).length);

describe("a survey", () => {
  it("splits 1,000 devices at 10/25/65 into 100, 250 and 650", () => {
    expect(sizes(look({ places: pool(1000) }).records)).toEqual([0, 100, 250, 650, 0]);
  });

  it("moves no device when it sees the same again, and few when one is added", () => {
    const first = look({ places: pool(100) }).records;
    const again = look({ places: pool(100) }, first).records;
    expect(again).toEqual(first);
    const rings = new Map(first.map((record) => [record.deviceId, record.ring]));
    const more = look({ places: pool(101) }, first).records;
    expect(more.filter(({ deviceId: id, ring }) => rings.has(id) && rings.get(id) !== ring)).toEqual([]);
  });

  it("takes devices that an admin moved out of the split, and leaves them where they are", () => {
    const first = look({ places: pool(100) }).records;
    const moved = first.map((record, n) =>
      n < 10 ? { ...record, ring: "Last", ringAssignedBy: "Admin" as const } : record,
    );
    expect(sizes(look({ places: pool(100) }, moved).records)).toEqual([0, 9, 22, 59, 10]);
  });

  it("gives a device back to the service when an admin's ring no longer exists", () => {
    const [first] = look({ places: pool(1) }).records;
    const moved = { ...first, ring: "Ring9", ringAssignedBy: "Admin" } as DeviceRecord;
    const again = look({ places: pool(1) }, [moved]).of(0);
    expect(again?.ring).toMatch(/^Ring[123]$/);
    expect(again?.ringAssignedBy).toBe("Service");
  });

  it("keeps the ring of a registered device that is merely silent, and registers it there again", () => {
    const first = look({ places: pool(5) }).records;
    const silent = look({ places: pool(5), now: NOW + 40 * 86_400_000 }, first);
    expect(silent.of(0)).toMatchObject({ status: "Not registered", state: "Prerequisites failed" });
    expect(silent.records.map(({ ring }) => ring)).toEqual(first.map(({ ring }) => ring));
    expect(look({ places: pool(5) }, silent.records).records).toMatchObject(
      first.map(({ ring }) => ({ ring, state: "Ready" })),
    );
  });

  it("takes the ring of a registered device that became a personal one", () => {
    const first = look({ places: pool(2) }).records;
    const { of } = look({ places: pool(2), managed: (n) => ({ ownerType: n === 0 ? "personal" : "company" }) }, first);
    expect(of(0)).toMatchObject({ state: "Prerequisites failed", groupId: null, ring: null });
    expect(of(0)?.reason?.check).toBe("Windows and corporate-owned");
    expect(of(1)).toMatchObject({ state: "Ready" });
  });

  it("leaves a device Not ready whose agent said so", () => {
    const [first] = look({ places: pool(1) }).records;
    const checks = [{ check: "Internet connectivity", passed: false, reason: "No address answers." }];
    const reported = { ...first, readiness: { at: "2026-11-20T00:00:00.000Z", checks } } as DeviceRecord;
    const after = look({ places: pool(1) }, [reported]).of(0);
    expect(after).toMatchObject({ status: "Registered", state: "Not ready", ring: first?.ring });
    expect(after?.reason).toEqual({ check: "Internet connectivity", message: "No address answers." });
  });

  it("keeps what Entra knows of a device that Intune does not manage", () => {
    const { of } = look({ places: pool(1), managed: () => undefined });
    expect(of(0)).toMatchObject({ name: "PC-0", managed: null, state: "Prerequisites failed" });
  });

  it("sees a device with a new id as a new device, the old one gone", () => {
    const first = look({ places: new Map([[0, [POOL]]]) }).records;
    const { of } = look({ places: new Map([[1, [POOL]]]) }, first);
    expect(of(0)).toBeUndefined();
    expect(of(1)).toMatchObject({ status: "Registered", ringAssignedBy: "Service" });
  });

  it("leaves an excluded device excluded wherever it is, and even when it is nowhere", () => {
    const [first] = look({ places: pool(1) }).records;
    const excluded = { ...first, state: "Excluded", status: "Not registered", groupId: null, ring: null };
    expect(look({ places: pool(1) }, [excluded as DeviceRecord]).of(0)).toMatchObject({ state: "Excluded" });
    expect(look({ places: new Map() }, [excluded as DeviceRecord]).of(0)).toMatchObject({ state: "Excluded" });
  });

  it("gives a device up to Test's leaving list when its assigned group no longer holds it", () => {
    const sources = { assigned: { Test: "t" }, dynamic: { Ring1: 100 }, pool: ["p"] };
    const both = new Map([[0, [POOL, { groupId: "contoso", ring: "Test" }]]]);
    const first = look({ sources, places: both }).records;
    expect(first[0]).toMatchObject({ ring: "Test" });
    expect(look({ sources, places: pool(1) }, first).of(0)).toMatchObject({ ring: "Ring1", leaving: ["Test"] });
  });

  it("moves a device to the group that has it now, an admin's ring in the old one forgotten", () => {
    const [first] = look({ places: pool(1) }).records;
    const moved = { ...first, ring: "Last", ringAssignedBy: "Admin" } as DeviceRecord;
    const elsewhere = new Map([[0, [{ groupId: "fabrikam", ring: null }]]]);
    const after = look({ places: elsewhere }, [moved]).of(0);
    expect(after).toMatchObject({ groupId: "fabrikam", ringAssignedBy: "Service" });
    expect(after?.ring).toMatch(/^Ring[123]$/);
  });
});

describe("readiness", () => {
  const places = pool(1);
  const report = (passed: boolean): AgentReport => ({
    at: "2026-11-20T12:00:00.000Z",
    checks: READINESS_CHECKS.map((check) => ({ check, passed })),
  });

  it("of a device whose agent never reported is judged by what Intune has learnt", () => {
    const { records } = look({ places });
    expect(records[0]?.state).toBe("Ready");
    // 32-bit by no name that the prerequisites know.
    const later = look({ places, managed: () => ({ processorArchitecture: "mips" }) }, records).of(0);
    expect(later).toMatchObject({ status: "Registered", state: "Not ready", ring: records[0]?.ring });
    expect(look({ places }, later ? [later] : []).of(0)?.state).toBe("Ready");
  });

  it("takes the report that came before the device", () => {
    const first = look({ places, reports: new Map([[deviceId(0), report(false)]]) });
    expect(first.of(0)).toMatchObject({
      status: "Registered",
      state: "Not ready",
      readiness: { at: report(false).at },
    });
    expect(look({ places }, first.records).of(0)?.state).toBe("Not ready");
  });

  it("keeps its time while a judgement finds nothing new", () => {
    const { records } = look({ places });
    expect(look({ places, now: NOW + 86_400_000 }, records).of(0)?.readiness).toEqual(records[0]?.readiness);
  });

  it("of a device that is not registered is judged too", () => {
    const { of } = look({ places, managed: () => ({ ownerType: "personal" }) });
    expect(of(0)).toMatchObject({ status: "Not registered", state: "Prerequisites failed" });
    expect(of(0)?.readiness?.checks).toEqual([{ check: READINESS_CHECKS[0], passed: true }]);
  });
});
