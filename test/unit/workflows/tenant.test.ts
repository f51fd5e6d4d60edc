import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { SERVICE_TABLES } from "../../../shared/tenant/service-data.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/tenant.js");

const START = Date.parse("2024-06-10T12:00:00Z");

function perform(name: string, activities: Script["activities"]) {
  const orchestrator = orchestrators.get(name);
  if (orchestrator === undefined) throw new Error(`${name} did not register.`);
  return play(orchestrator, { start: START, input: {}, activities });
}

describe("an Inactive tenant", () => {
  const watch = (stillInactive: (now: number) => boolean) =>
    perform("tenantWatch", { tenantStillInactive: (_: never, now) => stillInactive(now) });

  it("is checked every hour until it is Active", () => {
    const { calls, endedAt, continued } = watch((now) => now < START + 3 * HOUR_MS);
    expect([calls.length, endedAt - START, continued]).toEqual([3, 3 * HOUR_MS, false]);
  });

  it("is checked with a short history, however long that takes", () => {
    const { calls, continued } = watch(() => true);
    expect(continued).toBe(true);
    expect(calls.length).toBeLessThan(50);
  });

  it("is checked again when Graph was away", () => {
    const { continued, endedAt } = watch((now) => {
      if (now < START + 5 * HOUR_MS) throw new AppError("forbidden", "No.");
      return false;
    });
    expect(continued).toBe(false);
    expect(endedAt - START).toBe(5 * HOUR_MS);
  });
});

describe("a tenant that leaves", () => {
  const emptied: string[] = [];
  const { calls, endedAt } = perform("tenantUnenrol", {
    tenantEndWork: () => undefined,
    tenantDeleteServiceData: ({ table }: { table: string }) => emptied.push(table),
    tenantLeft: () => undefined,
  });

  it("loses every table of the service's, after what runs was ended", () => {
    expect(new Set(emptied)).toEqual(new Set(SERVICE_TABLES));
    expect(calls.indexOf("tenantEndWork")).toBeLessThan(calls.indexOf("tenantDeleteServiceData"));
  });

  it("loses them once more a day later, for what was still written, and has left then", () => {
    expect(emptied).toHaveLength(2 * SERVICE_TABLES.length);
    expect(calls.at(-1)).toBe("tenantLeft");
    expect(endedAt - START).toBe(DAY_MS);
  });
});
