import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../../shared/calendar/days.js";
import { followIncident, type RingAtLook, type SloIncident } from "../../../../shared/incidents/incident.js";
import { incidentView } from "../../../../shared/incidents/view.js";
import { compliance } from "../../../../shared/slo/percent.js";

const SLO_DAY = Date.parse("2024-06-23T17:00:00Z");
const at = (upToDate: number, change: Partial<RingAtLook> = {}): RingAtLook => ({
  ...{
    workload: "quality" as const,
    objective: 95,
    releaseId: "r",
    groupId: "g",
    groupName: "Workforce",
    update: "2024.06 B",
    ring: "Ring2",
  },
  ...{ sloAt: SLO_DAY, expedited: false, over: null, compliance: compliance(upToDate, 1_000) },
  ...change,
});
const look = (open: SloIncident | undefined, ring: RingAtLook, day = 0) =>
  followIncident(open, ring, SLO_DAY + day * DAY_MS);

function opened(): SloIncident {
  const incident = look(undefined, at(949));
  if (incident === undefined) throw new Error("No incident was raised.");
  return incident;
}

describe("an incident of a missed objective", () => {
  it("is raised at 94.9 % from the SLO day on, and not at 95.0 %", () => {
    expect(opened()).toMatchObject({ id: "r Ring2", objective: 95, openedAt: SLO_DAY, closed: null });
    expect(opened().updates).toEqual([{ at: SLO_DAY, upToDate: 949, denominator: 1_000, percent: 94.9 }]);
    expect(look(undefined, at(950))).toBeUndefined();
    expect(look(undefined, at(0), -0.001)).toBeUndefined();
  });

  it.each([
    ["a ring without an SLO day", { sloAt: null }],
    ["an update that the service expedites", { expedited: true }],
    ["an update that a newer one has replaced", { over: "superseded" as const }],
    ["a ring in which no device counts", { compliance: compliance(0, 3, { notReady: 3 }) }],
  ])("is not raised for %s", (_, change) => {
    expect(look(undefined, at(0, change))).toBeUndefined();
  });

  it("has news with every look, of which the first and the newest hundred are kept", () => {
    let incident = opened();
    for (let day = 1; day <= 150; day++) incident = look(incident, at(900), day) ?? incident;
    expect(incident.updates).toHaveLength(100);
    expect(incident.updates[0]?.percent).toBe(94.9);
    expect(incident.updates.at(-1)).toMatchObject({ at: SLO_DAY + 150 * DAY_MS, percent: 90 });
    expect(incident.closed).toBeNull();
  });

  it("ends when the objective is met, or when nobody has to have the update any more", () => {
    expect(look(opened(), at(950), 1)).toMatchObject({ closed: { at: SLO_DAY + DAY_MS, because: "met" } });
    expect(look(opened(), at(900, { over: "withdrawn" }), 1)?.closed?.because).toBe("withdrawn");
    expect(look(opened(), at(900, { over: "superseded" }), 1)?.closed?.because).toBe("superseded");
  });

  it("is told in one sentence", () => {
    expect(incidentView(opened())).toMatchObject({
      status: "open",
      summary: "949 of 1000 devices (94.9 %) of Ring2 in Workforce have 2024.06 B; 95 % had to by 2024-06-23.",
    });
    const nobody = look(opened(), at(0, { compliance: compliance(0, 3, { notReady: 3 }) }), 1);
    expect(nobody && incidentView(nobody)).toMatchObject({
      status: "closed",
      summary: expect.stringContaining("no device counts"),
    });
  });
});
