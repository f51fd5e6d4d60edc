import { expect, test } from "vitest";
import { BUILDS, bench, DAY, HOUR, PUBLISHED, RING } from "./fake-tenant.js";

test("devices of a scheduled ring install and restart in their window of four hours, local time", async () => {
  const all = await bench();
  all.tenant.ring = {
    ...RING,
    automaticUpdateMode: "autoInstallAndRebootAtScheduledTime",
    installationSchedule: { scheduledInstallDay: "saturday", scheduledInstallTime: "02:00:00.0000000" },
    updateWeeks: "everyWeek",
  };
  await all.run(PUBLISHED);
  all.tenant.approve();
  await all.run(PUBLISHED + 40 * DAY);
  const installed = all.fleet.truth(BUILDS).filter(({ state }) => state === "installed");
  expect(installed.length).toBeGreaterThan(380);
  const first = all.sent.filter(({ kind, data }) => kind === "installed" && data.attempt === 1);
  for (const { deviceId, at } of first) {
    const offset = all.fleet.devices().find((device) => device.deviceId === deviceId)?.pattern.offset ?? 0;
    const local = new Date(at + offset);
    expect(local.getUTCDay()).toBe(6);
    expect(local.getUTCHours()).toBeGreaterThanOrEqual(2);
    expect((at + offset) % DAY).toBeLessThanOrEqual(6 * HOUR);
  }
});

test("in a holiday devices that are away are not heard of until it ends", async () => {
  const holiday = { fromDay: 0.5, days: 8, awayShare: 1 };
  const all = await bench({ scenario: { holiday } });
  await all.run(PUBLISHED);
  all.tenant.approve();
  await all.run(PUBLISHED + 7 * DAY);
  expect(all.sent).toEqual([]);
  await all.run(PUBLISHED + 25 * DAY);
  expect(all.fleet.truth(BUILDS).filter(({ state }) => state === "installed").length).toBeGreaterThan(360);
});
