import { describe, expect, it } from "vitest";
import { READINESS_CHECKS } from "../../../../shared/readiness/checks.js";
import { MAX_REPORT_BYTES, readReport } from "../../../../shared/readiness/report.js";

const NOW = Date.parse("2024-06-10T12:00:00Z");
const DEVICE = "6F000000-0000-4000-8000-000000000001";
const event = {
  specversion: "1.0",
  id: `${DEVICE}:1`,
  source: `/devices/${DEVICE}`,
  type: "ringmaster.device.readiness",
  time: "2024-06-10T11:00:00+02:00",
  data: {
    deviceId: DEVICE,
    checks: READINESS_CHECKS.map((check) => ({ check, passed: true })),
    updatePolicies: ["ActiveHoursStart", { name: "ActiveHoursEnd", value: 17 }],
    registry: [],
  },
};
const withData = (data: object) => ({ ...event, data: { ...event.data, ...data } });
const manyAttributes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, "x"]));
const rejected = (body: unknown) => {
  const intake = readReport({ body }, NOW);
  return "rejection" in intake ? intake.rejection.reason : undefined;
};

describe("a readiness report", () => {
  it.each([
    ["an object", event],
    ["JSON text", JSON.stringify(event)],
    ["bytes", Buffer.from(JSON.stringify(event))],
  ])("is read from %s, its device id lower-cased and its time in UTC", (_form, body) => {
    expect(readReport({ body }, NOW)).toMatchObject({
      report: { deviceId: DEVICE.toLowerCase(), at: "2024-06-10T09:00:00.000Z", registry: [] },
    });
  });

  it.each([
    ["no JSON", "{"],
    ["another type of event", { ...event, type: "ringmaster.update.installed" }],
    ["an unknown check", withData({ checks: [{ check: "Coffee", passed: true }] })],
    ["a result that is no boolean", withData({ checks: [{ check: READINESS_CHECKS[0], passed: "yes" }] })],
    ["a device id that is no GUID", withData({ deviceId: "laptop-7" })],
    ["an attribute whose name is no word", withData({ attributes: { "a b": "c" } })],
    ["an attribute that is too long", withData({ attributes: { bios: "x".repeat(201) } })],
    ["more attributes than anybody needs", withData({ attributes: manyAttributes(33) })],
    ["a time that is none", { ...event, time: "yesterday" }],
    ["nothing", null],
  ])("is malformed when it is %s", (_what, body) => {
    expect(rejected(body)).toBe("malformed");
  });

  it("may tell what the device is like, also without checks", () => {
    const attributes = { ...manyAttributes(31), networkDriver: "Intel 23.110.0.0" };
    expect(readReport({ body: withData({ checks: [], attributes }) }, NOW)).toMatchObject({
      report: { checks: [], attributes },
    });
  });

  it("may be 5 minutes ahead of the service's clock, not more", () => {
    expect(rejected({ ...event, time: "2024-06-10T12:05:00Z" })).toBeUndefined();
    expect(rejected({ ...event, time: "2024-06-10T12:05:01Z" })).toBe("future");
  });

  it("is refused when it is too large, without being parsed", () => {
    expect(rejected("x".repeat(MAX_REPORT_BYTES + 1))).toBe("tooLarge");
  });

  it("names the field that is wrong", () => {
    const intake = readReport({ body: withData({ deviceId: 7 }) }, NOW);
    expect(intake).toMatchObject({ rejection: { message: expect.stringContaining("data.deviceId") } });
  });
});
