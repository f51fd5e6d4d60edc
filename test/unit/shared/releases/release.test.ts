import { describe, expect, it } from "vitest";
import { addDays } from "../../../../shared/calendar/days.js";
import { AppError } from "../../../../shared/errors.js";
import { GATE_AT_START } from "../../../../shared/gate/gate.js";
import { releaseIdOf } from "../../../../shared/releases/identity.js";
import { applyReleaseCommand, type ReleaseCommand } from "../../../../shared/releases/release-commands.js";
import { applyReleaseEvent } from "../../../../shared/releases/release-events.js";
import { pauseByService } from "../../../../shared/releases/release-service.js";
import {
  inheritedPauses,
  outcomeAt,
  type ReleaseState,
  releaseAtStart,
} from "../../../../shared/releases/release-state.js";
import { ringStatus } from "../../../../shared/releases/ring-status.js";
import { B } from "./fixtures.js";

const names = ["Test", "Ring1", "Last"];
const start = releaseAtStart({ releaseId: "r", rings: names, uninstallWindowDays: 30 });
const by = "ada";
const opened = (state: ReleaseState, ring: string, at = B) =>
  applyReleaseEvent(state, { type: "ringOpened", ring, at });
const running = opened(opened(start, "Test"), "Ring1", addDays(B, 1));
const ended = (state: ReleaseState, ring: string, outcome: "completed" | "rolledBack" | "cancelled" | "superseded") =>
  applyReleaseEvent(state, { type: "ringEnded", ring, at: addDays(B, 5), outcome });
const allEnded = (outcome: "completed" | "rolledBack" | "cancelled" | "superseded", state = running) =>
  names.reduce((last, ring) => ended(last, ring, outcome), state);
const statuses = (state: ReleaseState, at: number) => state.rings.map((view) => ringStatus(view, at));

function refusal(state: ReleaseState, command: ReleaseCommand): AppError {
  try {
    applyReleaseCommand(state, command);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("the command was accepted");
}

describe("pause", () => {
  const at = addDays(B, 2);
  const paused = applyReleaseCommand(running, { kind: "pause", at, by, rings: ["Ring1"] }).state;

  it("of one ring leaves the others alone", () => {
    expect(statuses(paused, at)).toEqual(["Active", "Paused by Tenant", "Upcoming"]);
    const all = applyReleaseCommand(running, { kind: "pause", at, by });
    expect(statuses(all.state, at)).toEqual(["Paused by Tenant", "Paused by Tenant", "Paused by Tenant"]);
    expect(all.deliveries.map(({ ring, event }) => [ring, event.type])).toEqual(names.map((n) => [n, "tenantPaused"]));
  });

  it("may be set again after 35 days but not before", () => {
    const again = { kind: "pause", by, rings: ["Ring1"] } as const;
    expect(refusal(paused, { ...again, at: addDays(at, 35) - 1 }).message).toContain("already paused");
    expect(() => applyReleaseCommand(paused, { ...again, at: addDays(at, 35) })).not.toThrow();
  });

  it("blamed on Windows Update needs details", () => {
    const form = { kind: "pause", at, by, relatedToWindowsUpdate: true } as const;
    expect(refusal(running, form)).toMatchObject({ code: "invalid_input", field: "details" });
    expect(() => applyReleaseCommand(running, { ...form, details: "printers fail" })).not.toThrow();
  });

  it("is extended only where there is one", () => {
    expect(applyReleaseCommand(paused, { kind: "extend", at, by }).deliveries.map(({ ring }) => ring)).toEqual([
      "Ring1",
    ]);
    expect(refusal(paused, { kind: "extend", at, by, rings: ["Test"] }).code).toBe("conflict");
    const later = addDays(at, 10);
    const longer = applyReleaseCommand(paused, { kind: "extend", at: later, by }).state;
    expect(longer.rings[1]?.pauses.tenant?.until).toBe(addDays(later, 35));
  });

  it("goes over to the next release of the group while it lasts", () => {
    expect(Object.keys(inheritedPauses(paused, addDays(at, 34)))).toEqual(["Ring1"]);
    expect(inheritedPauses(paused, addDays(at, 35))).toEqual({});
    const tenantPauses = inheritedPauses(paused, at);
    const next = releaseAtStart({ releaseId: "n", rings: names, uninstallWindowDays: 30, tenantPauses });
    expect(statuses(next, at)).toEqual(["Upcoming", "Paused by Tenant", "Upcoming"]);
  });

  it("names an unknown ring", () => {
    expect(refusal(running, { kind: "pause", at, by, rings: ["Ring9"] })).toMatchObject({
      code: "not_found",
      field: "rings",
    });
  });
});

describe("the service's pause", () => {
  const at = addDays(B, 2);
  const tenant = applyReleaseCommand(running, { kind: "pause", at, by, rings: ["Ring1"] }).state;
  const both = pauseByService(
    { ...tenant, gate: { ...GATE_AT_START, decision: "pause", since: at } },
    "gate",
    at,
  ).state;

  it("never hides or lifts a tenant pause", () => {
    expect(statuses(both, at)).toEqual(["Paused by Service", "Paused by Tenant", "Paused by Service"]);
  });

  it("leaves a release for a person to decide", () => {
    expect(outcomeAt(both)).toBe("paused");
    expect(outcomeAt(tenant)).toBeNull();
  });

  it("is set once, and not on a ring that rolls back", () => {
    expect(pauseByService(both, "gate", addDays(at, 1)).deliveries).toEqual([]);
    const rolling = applyReleaseCommand(running, { kind: "rollBack", at, by, rings: ["Ring1"] }).state;
    const paused = pauseByService(rolling, "gate", at);
    expect(paused.deliveries.map(({ ring }) => ring)).toEqual(["Test", "Last"]);
  });

  it("leaves nobody to decide while a ring still rolls back", () => {
    const rolling = applyReleaseCommand(both, { kind: "rollBack", at, by, rings: ["Test"] }).state;
    expect(outcomeAt(rolling)).toBeNull();
  });

  it("is lifted by a person, who thereby accepts what the gate has seen", () => {
    const seen = { failures: 9, exposure: 100 };
    const judged = { ...both, gate: { ...both.gate, seen } };
    const resumed = applyReleaseCommand(judged, { kind: "resume", at, by, lifts: "service" });
    expect(statuses(resumed.state, at)).toEqual(["Active", "Paused by Tenant", "Upcoming"]);
    expect(resumed.state.gate).toMatchObject({ decision: "continue", accepted: seen });
  });

  it("stays when a person lifts the tenant's pause of a ring", () => {
    const resumed = applyReleaseCommand(both, { kind: "resume", at, by, rings: ["Ring1"] });
    expect(resumed.deliveries).toEqual([{ ring: "Ring1", event: { type: "resumed", at, lifts: "tenant" } }]);
    expect(statuses(resumed.state, at)[1]).toBe("Paused by Service");
    expect(resumed.state.gate.decision).toBe("pause");
  });

  it("cannot be resumed where there is none", () => {
    expect(refusal(running, { kind: "resume", at, by }).code).toBe("conflict");
    expect(refusal(tenant, { kind: "resume", at, by, lifts: "service", rings: ["Ring1"] }).code).toBe("conflict");
  });
});

describe("a hold", () => {
  it("is overruled only where there is one", () => {
    const held = { ...running, gate: { ...GATE_AT_START, decision: "hold" as const, since: B } };
    const { state, deliveries } = applyReleaseCommand(held, { kind: "proceed", at: B, by });
    expect(state.gate.decision).toBe("continue");
    expect(deliveries.map(({ event }) => event.type)).toEqual(["released", "released", "released"]);
    expect(refusal(running, { kind: "proceed", at: B, by }).code).toBe("conflict");
  });
});

describe("rollback", () => {
  const at = addDays(B, 3);
  const command = { kind: "rollBack", at, by, justification: "printers" } as const;

  it("of the whole release reaches what was offered and ends the rest", () => {
    const { state, deliveries } = applyReleaseCommand(running, command);
    expect(deliveries.map(({ ring, event }) => [ring, event.type])).toEqual(names.map((name) => [name, "rollBack"]));
    const over = ended(ended(ended(state, "Last", "cancelled"), "Test", "rolledBack"), "Ring1", "rolledBack");
    expect(over).toMatchObject({ phase: "ended", outcome: "rolledBack" });
  });

  it("of one ring lets the others complete", () => {
    const { state } = applyReleaseCommand(running, { ...command, rings: ["Ring1"] });
    const over = ended(ended(ended(state, "Ring1", "rolledBack"), "Test", "completed"), "Last", "completed");
    expect(over.outcome).toBe("completed");
  });

  it("is possible on the last day of the uninstall window and not after it", () => {
    const only = { kind: "rollBack", by, rings: ["Test"] } as const;
    expect(() => applyReleaseCommand(running, { ...only, at: addDays(B, 30) })).not.toThrow();
    expect(refusal(running, { ...only, at: addDays(B, 30) + 1 }).message).toContain("uninstall window of 30 days");
  });

  it("is refused for a ring that was offered nothing", () => {
    expect(refusal(running, { ...command, rings: ["Last"] }).message).toContain("nothing was offered");
    expect(refusal(start, command).code).toBe("conflict");
  });

  it("takes back a ring that completed before the others", () => {
    const { deliveries } = applyReleaseCommand(ended(running, "Test", "completed"), command);
    expect(deliveries).toContainEqual({ ring: "Test", event: { type: "rollBack", at } });
  });

  it("bars pause, cancel and a second rollback of the same ring", () => {
    const { state } = applyReleaseCommand(running, { ...command, rings: ["Ring1"] });
    expect(refusal(state, { kind: "pause", at, by, rings: ["Ring1"] }).code).toBe("conflict");
    expect(refusal(state, { kind: "cancel", at, by }).message).toContain("rolling back");
    expect(refusal(state, { ...command, rings: ["Ring1"] }).message).toContain("already rolling back");
  });
});

describe("end", () => {
  it("comes with the last ring", () => {
    expect(ended(ended(running, "Test", "completed"), "Ring1", "completed").phase).toBe("active");
    expect(allEnded("completed")).toMatchObject({ phase: "ended", outcome: "completed" });
  });

  it("of a ring stands when news of its opening comes late", () => {
    const over = ended(start, "Test", "cancelled");
    expect(opened(over, "Test")).toEqual(over);
  });

  it.each(["cancel", "supersede"] as const)("by %s tells every ring and waits for each", (kind) => {
    const outcome = kind === "cancel" ? "cancelled" : "superseded";
    const { state, deliveries } = applyReleaseCommand(running, { kind, at: B, by });
    expect(deliveries.map(({ event }) => event.type)).toEqual([outcome, outcome, outcome]);
    expect(state).toMatchObject({ phase: "active", ending: { outcome, by } });
    expect(allEnded(outcome, state)).toMatchObject({ phase: "ended", outcome });
  });

  it("by supersession comes to a paused release too", () => {
    const paused = pauseByService(running, "gate", B).state;
    expect(applyReleaseCommand(paused, { kind: "supersede", at: B, by: "next" }).state.ending?.outcome).toBe(
      "superseded",
    );
  });

  it.each(["pause", "resume", "extend", "cancel", "rollBack", "proceed"] as const)(
    "is the last word: %s is refused once an end is decided",
    (kind) => {
      const { state } = applyReleaseCommand(running, { kind: "cancel", at: B, by });
      expect(refusal(state, { kind, at: B, by }).code).toBe("conflict");
      expect(refusal(allEnded("cancelled", state), { kind, at: B, by }).code).toBe("conflict");
      expect(pauseByService(state, "gate", B).deliveries).toEqual([]);
    },
  );

  it.each(["pause", "resume", "extend", "cancel"] as const)("a completed release refuses %s but rolls back", (kind) => {
    const completed = allEnded("completed");
    expect(refusal(completed, { kind, at: B, by }).message).toContain("it is completed");
    const { state } = applyReleaseCommand(completed, { kind: "rollBack", at: addDays(B, 20), by });
    expect(state).toMatchObject({ phase: "active", outcome: null, ending: { outcome: "rolledBack" } });
  });

  it("is not changed by a newer release that comes after it", () => {
    const completed = allEnded("completed");
    expect(applyReleaseCommand(completed, { kind: "supersede", at: B, by: "next" })).toEqual({
      state: completed,
      deliveries: [],
    });
  });
});

describe("release id", () => {
  it("is the same for the same update and group, and tells apart updates of one day", () => {
    const update = {
      catalogEntryId: "a",
      shortName: "2025.05 OOB",
      displayName: "",
      releaseDate: "2025-05-27T00:00:00Z",
      classification: "security",
      cadence: "outOfBand",
      isExpeditable: true,
      revisions: [],
    } as const;
    expect(releaseIdOf("g", update)).toMatch(/^2025-05-27-OOB-[0-9a-f]{8}-g$/);
    expect(releaseIdOf("g", update)).toBe(releaseIdOf("g", { ...update }));
    expect(releaseIdOf("g", update)).not.toBe(releaseIdOf("g", { ...update, catalogEntryId: "b" }));
  });
});
