import { describe, expect, it } from "vitest";
import { lifecycleNews } from "../../../../shared/feature-devices/lifecycle.js";
import { endingVersions, supportOf } from "../../../../shared/feature-devices/support.js";
import { isEnablementPackage } from "../../../../shared/feature-devices/windows.js";
import type { StoredGroup } from "../../../../shared/groups/store.js";
import { newsOf } from "../../../../shared/messages/news.js";
import { deviceId, managed, record } from "../registration/records.js";

const catalogue = [
  {
    version: "Windows 11, version 23H2",
    build: 22631,
    releasedAt: null,
    endOfSupport: Date.parse("2026-11-10T00:00:00Z"),
  },
  {
    version: "Windows 11, version 24H2",
    build: 26100,
    releasedAt: null,
    endOfSupport: Date.parse("2027-10-12T00:00:00Z"),
  },
];
const group = (id: string) => ({ id, definition: { name: id } }) as unknown as StoredGroup;
const device = (nth: number, osVersion: string, skuFamily = "Enterprise") =>
  record({ deviceId: deviceId(nth), managed: managed({ osVersion, skuFamily }) });
const on = (text: string) => Date.parse(text);

describe("how long a version is supported", () => {
  it.each([
    ["2026-09-09T23:59:00Z", "Supported"],
    ["2026-09-10T00:00:00Z", "Support Ending"],
    ["2026-11-10T00:00:00Z", "Not supported"],
  ])("is on %s: %s", (at, support) => {
    const found = supportOf(device(1, "10.0.22631.1"), catalogue, on(at));
    expect([found.version, found.support]).toEqual(["Windows 11, version 23H2", support]);
  });

  it("is shorter for Pro, and unknown for a device of which Intune knows no version", () => {
    const at = on("2026-11-01T00:00:00Z");
    expect(supportOf(device(1, "10.0.22631.1", "Pro"), catalogue, at).support).toBe("Not supported");
    expect(supportOf(device(1, "", "Pro"), catalogue, at).support).toBeNull();
  });

  it("is listed by group and version, the soonest end first", () => {
    const members = [
      { record: device(1, "10.0.22631.1"), group: group("b") },
      { record: device(2, "10.0.22631.1"), group: group("a") },
      { record: device(3, "10.0.22631.2"), group: group("b") },
      { record: device(4, "10.0.22631.2", "Pro"), group: group("b") },
      { record: device(5, "10.0.26100.1"), group: group("b") },
    ];
    const found = endingVersions({ members, catalogue }, on("2026-11-01T00:00:00Z"));
    expect(found.map(({ groupId, support, deviceIds }) => [groupId, support, deviceIds.length])).toEqual([
      ["b", "Not supported", 1],
      ["a", "Support Ending", 1],
      ["b", "Support Ending", 2],
    ]);
  });
});

describe("what people are told of it", () => {
  const evidence = { group: "Sales", version: "Windows 11, version 23H2", ends: "2026-11-10", devices: 2 };
  const entry = (action: string) => ({
    ...{ at: "2026-09-10T05:10:00.000Z", actor: { id: "service", name: "Ringmaster" } },
    ...{ action, target: "group/sales", evidence },
  });

  it("comes in one message: that it ends, and that it has ended", async () => {
    const told = async (action: string) => {
      const news = await newsOf({ id: action, body: entry(action) }, on("2026-09-10T05:20:00Z"));
      return [news?.head.id, news?.update.event, news?.update.notify];
    };
    const [first, second] = [await told("featureVersion.ending"), await told("featureVersion.ended")];
    expect([first.slice(1), second.slice(1)]).toEqual([
      ["opened", true],
      ["updated", true],
    ]);
    expect(first[0]).toBe(second[0]);
  });

  it("names the devices, the date and what to do", () => {
    const { text } = lifecycleNews(entry("featureVersion.ending"));
    expect(text).toContain("until 2026-11-10 only, and 2 devices of Sales have it");
    expect(text).toContain("POST /api/v1/feature-releases");
  });
});

it.each([
  [22_621, 22_631, true],
  [26_100, 26_200, true],
  [19_044, 19_045, true],
  [22_631, 26_100, false],
  [19_045, 22_631, false],
])("from build %i to %i is an enablement package: %s", (from, to, expected) => {
  expect(isEnablementPackage(from, to)).toBe(expected);
});
