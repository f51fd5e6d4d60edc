import { describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { overlays, ringStatus } from "../../../../shared/releases/ring-status.js";
import { ringStep } from "../../../../shared/releases/ring-step.js";
import { B, counts, pauseAt, planOf, ring, withEvents } from "./fixtures.js";

const opens = planOf("Ring1").availableAt;
const active = withEvents(ring(), { type: "waveOpened", at: opens, wave: 0 });
const target = addDays(opens, 2);
const servicePause = { since: opens, reason: "gate" };

describe("opening", () => {
  it("waits for B plus deferral, to the millisecond", () => {
    expect(ringStep(ring(), opens - 1)).toEqual({ kind: "wait", until: opens, reason: "availability" });
    expect(ringStep(ring(), opens)).toEqual({ kind: "openWave", wave: 0, devices: null, last: true });
  });

  it("waits for the gate when it is held, and for nothing but the gate", () => {
    const held = withEvents(ring(), { type: "held", at: B });
    expect(ringStep(held, opens)).toEqual({ kind: "wait", until: null, reason: "gate" });
    expect(ringStep(withEvents(held, { type: "released", at: opens }), opens)).toMatchObject({ kind: "openWave" });
  });

  it("goes wave by wave, a wave interval apart, and a repeated confirmation counts once", () => {
    const first = withEvents(ring("Ring1", { waves: [0.2, 0.8], waveIntervalHours: 12 }), {
      type: "waveOpened",
      at: opens,
      wave: 0,
    });
    const next = opens + 12 * HOUR_MS;
    expect(ringStep(first, opens + 1)).toEqual({ kind: "wait", until: next, reason: "nextWave" });
    expect(ringStep(first, next)).toEqual({ kind: "openWave", wave: 1, devices: null, last: true });
    expect(withEvents(first, { type: "waveOpened", at: next, wave: 0 })).toEqual(first);
  });

  it("takes new dates until it has opened, and none afterwards", () => {
    const plan = planOf("Ring1", { qualityDeferralDays: 3 });
    expect(ringStep(withEvents(ring(), { type: "replanned", at: B, plan }), opens)).toMatchObject({
      until: addDays(B, 3),
    });
    expect(withEvents(active, { type: "replanned", at: opens, plan })).toEqual(active);
  });
});

describe("a ring whose waves the release grants", () => {
  const measured = { ...ring(), grants: [] };
  const grant = (wave: number, devices: number, last: boolean) =>
    ({ type: "waveGranted", at: opens, wave, grant: { devices, last } }) as const;

  it("opens on its day only what was granted", () => {
    expect(ringStep(measured, opens - 1)).toEqual({ kind: "wait", until: opens, reason: "availability" });
    expect(ringStep(measured, opens)).toEqual({ kind: "wait", until: null, reason: "gate" });
    const granted = withEvents(measured, grant(0, 10, false));
    expect(ringStep(granted, opens)).toEqual({ kind: "openWave", wave: 0, devices: 10, last: false });
    const opened = withEvents(granted, { type: "waveOpened", at: opens, wave: 0 });
    expect(ringStep(opened, addDays(opens, 3))).toEqual({ kind: "wait", until: null, reason: "gate" });
  });

  it("opens nothing while the gate holds, whatever was granted", () => {
    const held = withEvents(measured, grant(0, 10, false), { type: "held", at: opens });
    expect(ringStep(held, opens)).toEqual({ kind: "wait", until: null, reason: "gate" });
  });

  it("takes every grant once and in order", () => {
    const granted = withEvents(measured, grant(0, 10, false), grant(0, 99, true), grant(5, 1, true));
    expect(granted.grants).toEqual([{ devices: 10, last: false }]);
  });

  it("completes only after its last wave", () => {
    const first = withEvents(measured, grant(0, 10, false), { type: "waveOpened", at: opens, wave: 0 });
    const late = addDays(opens, 20);
    expect(ringStep(first, late)).toMatchObject({ kind: "wait", reason: "gate" });
    const all = withEvents(first, grant(1, 90, true), { type: "waveOpened", at: opens, wave: 1 });
    expect(ringStep(all, late)).toEqual({ kind: "finish" });
  });
});

describe("a ring whose policy is there, but whose first wave is not confirmed", () => {
  const halfOpen = withEvents(ring(), { type: "policyOpened", at: opens });

  it("offers the wave", () => {
    expect(ringStep(halfOpen, opens)).toMatchObject({ kind: "openWave", wave: 0 });
  });

  it("is suspended by a pause, for devices may have the offer", () => {
    const paused = withEvents(halfOpen, { type: "servicePaused", at: opens, pause: servicePause });
    expect(ringStep(paused, opens)).toEqual({ kind: "suspend" });
  });

  it.each(["cancelled", "superseded"] as const)("is taken back when it is %s", (type) => {
    expect(ringStep(withEvents(halfOpen, { type, at: opens }), opens)).toEqual({ kind: "withdraw", outcome: type });
  });
});

describe("completion", () => {
  it("comes at target plus five days whatever the devices say", () => {
    const end = addDays(target, 5);
    expect(ringStep(active, end - 1)).toEqual({ kind: "wait", until: end, reason: "reports" });
    expect(ringStep(active, end)).toEqual({ kind: "finish" });
  });

  it("comes earlier at 95 % of the ring's devices up to date, not at 94.9 %", () => {
    const at = opens + DAY_MS;
    expect(ringStep(withEvents(active, { type: "progress", at, counts: counts(1000, 949) }), at).kind).toBe("wait");
    expect(ringStep(withEvents(active, { type: "progress", at, counts: counts(1000, 950) }), at).kind).toBe("finish");
  });

  it("does not come early to a ring without devices", () => {
    const empty = withEvents(active, { type: "progress", at: opens, counts: counts(0, 0) });
    expect(ringStep(empty, opens + DAY_MS).kind).toBe("wait");
  });

  it("does not come before the last wave, whatever the first one says", () => {
    const waves = withEvents(
      ring("Ring1", { waves: [0.95, 0.05] }),
      { type: "waveOpened", at: opens, wave: 0 },
      { type: "progress", at: opens, counts: counts(100, 95) },
    );
    expect(ringStep(waves, opens + HOUR_MS)).toMatchObject({ kind: "wait", reason: "nextWave" });
  });

  it("moves with an offer that came late", () => {
    const late = withEvents(ring(), { type: "waveOpened", at: addDays(opens, 3), wave: 0 });
    expect(ringStep(late, addDays(target, 5))).toMatchObject({ until: addDays(opens, 3 + 2 + 5) });
  });

  it("ignores the system's own latency", () => {
    const slow = withEvents(ring(), { type: "waveOpened", at: opens + 90_000, wave: 0 });
    expect(ringStep(slow, opens + DAY_MS)).toMatchObject({ until: addDays(target, 5) });
  });

  it("ends the ring once confirmed", () => {
    expect(ringStep(withEvents(active, { type: "finished", at: target }), target)).toEqual({
      kind: "done",
      outcome: "completed",
    });
  });
});

describe("pause", () => {
  const at = opens + DAY_MS;
  const paused = withEvents(active, { type: "tenantPaused", at, pause: pauseAt(at) });
  const suspended = withEvents(paused, { type: "suspended", at });

  it("suspends what was offered and waits for its limit of 35 days", () => {
    expect(ringStep(paused, at)).toEqual({ kind: "suspend" });
    expect(ringStep(suspended, at)).toEqual({ kind: "wait", until: addDays(at, 35), reason: "pause" });
  });

  it("ends by itself after 35 days, not a moment earlier, and then offers again", () => {
    expect(ringStep(suspended, addDays(at, 35) - 1).kind).toBe("wait");
    expect(ringStep(suspended, addDays(at, 35))).toEqual({ kind: "approve" });
    const again = withEvents(suspended, { type: "approved", at: addDays(at, 35) });
    expect(again.pauses.tenant).toBeNull();
    expect(ringStep(again, addDays(at, 36))).toMatchObject({ kind: "wait", until: addDays(at, 35 + 2 + 5) });
  });

  it("lasts 35 days from its extension", () => {
    const longer = withEvents(suspended, { type: "extended", at: addDays(at, 30) });
    expect(ringStep(longer, addDays(at, 64))).toMatchObject({ kind: "wait", until: addDays(at, 65) });
  });

  it("counts afresh when set again after a resume", () => {
    const later = addDays(at, 20);
    const again = withEvents(
      suspended,
      { type: "resumed", at: later, lifts: "tenant" },
      { type: "approved", at: later },
      { type: "tenantPaused", at: later, pause: pauseAt(later) },
    );
    expect(again.pauses.tenant?.until).toBe(addDays(later, 35));
  });

  it("keeps the ring from completing", () => {
    const done = withEvents(suspended, { type: "progress", at, counts: counts(100, 100) });
    expect(ringStep(done, addDays(at, 34)).kind).toBe("wait");
  });

  it("keeps a ring that has not opened from opening", () => {
    const upcoming = ring("Ring1", {}, pauseAt(B));
    expect(ringStep(upcoming, opens)).toEqual({ kind: "wait", until: addDays(B, 35), reason: "pause" });
    expect(ringStep(upcoming, addDays(B, 35)).kind).toBe("openWave");
  });

  it("by the service waits for a person alone", () => {
    const gated = withEvents(active, { type: "servicePaused", at, pause: servicePause }, { type: "suspended", at });
    expect(ringStep(gated, addDays(at, 400))).toEqual({ kind: "wait", until: null, reason: "pause" });
    expect(ringStep(withEvents(gated, { type: "resumed", at, lifts: "service" }), at)).toEqual({ kind: "approve" });
  });

  it("by the service takes the hold before it along when a person lifts it, a tenant's does not", () => {
    const held = withEvents(ring(), { type: "held", at: B }, { type: "servicePaused", at: B, pause: servicePause });
    const resumed = withEvents(held, { type: "resumed", at, lifts: "service" });
    expect(ringStep(resumed, at).kind).toBe("openWave");
    const tenant = withEvents(ring("Ring1", {}, pauseAt(B)), { type: "held", at: B });
    const waiting = withEvents(tenant, { type: "resumed", at, lifts: "tenant" });
    expect(ringStep(waiting, at)).toMatchObject({ kind: "wait", reason: "gate" });
  });

  it("by the service outlasts a tenant pause that ends", () => {
    const both = withEvents(suspended, { type: "servicePaused", at, pause: servicePause });
    expect(ringStep(both, addDays(at, 36))).toEqual({ kind: "wait", until: null, reason: "pause" });
  });
});

describe("rollback", () => {
  const at = addDays(opens, 1);
  const requested = withEvents(active, { type: "rollBack", at });
  const started = withEvents(requested, { type: "rollbackStarted", at });
  const settled = at + 8 * HOUR_MS;

  it("uninstalls, then waits until the last device is back", () => {
    expect(ringStep(requested, at)).toEqual({ kind: "rollBack" });
    const one = withEvents(started, { type: "progress", at, counts: counts(100, 1) });
    expect(ringStep(one, settled)).toMatchObject({ kind: "wait", reason: "rollback" });
    const back = withEvents(started, { type: "progress", at, counts: { ...counts(100, 0), open: 0, rolledBack: 100 } });
    expect(ringStep(back, settled)).toEqual({ kind: "withdraw", outcome: "rolledBack" });
  });

  it("waits five days for reports of installations from devices that have not reported", () => {
    const open = withEvents(started, { type: "progress", at, counts: counts(100, 0) });
    expect(ringStep(open, settled)).toEqual({ kind: "wait", until: addDays(at, 5), reason: "rollback" });
    expect(ringStep(open, addDays(at, 5))).toEqual({ kind: "withdraw", outcome: "rolledBack" });
  });

  it("waits the eight hours in which devices may still install", () => {
    const none = withEvents(started, { type: "progress", at, counts: counts(100, 0) });
    expect(ringStep(none, settled - 1)).toEqual({ kind: "wait", until: settled, reason: "rollback" });
  });

  it("gives up when the uninstall window is over", () => {
    const stuck = withEvents(started, { type: "progress", at, counts: counts(100, 3) });
    expect(ringStep(stuck, addDays(at, 30) - 1).kind).toBe("wait");
    expect(ringStep(stuck, addDays(at, 30)).kind).toBe("withdraw");
  });

  it("ends a ring that never offered anything at once", () => {
    expect(ringStep(withEvents(ring(), { type: "rollBack", at }), at)).toEqual({ kind: "done", outcome: "cancelled" });
  });

  it("reaches a ring that has completed", () => {
    const completed = withEvents(active, { type: "finished", at });
    expect(ringStep(withEvents(completed, { type: "rollBack", at }), at)).toEqual({ kind: "rollBack" });
  });
});

describe("an end by decision", () => {
  it.each(["cancelled", "superseded"] as const)(
    "%s: an opened ring is withdrawn first, an upcoming one just ends",
    (type) => {
      const ending = withEvents(active, { type, at: opens });
      expect(ringStep(ending, opens)).toEqual({ kind: "withdraw", outcome: type });
      expect(ringStep(withEvents(ending, { type: "withdrawn", at: opens }), opens)).toEqual({
        kind: "done",
        outcome: type,
      });
      expect(ringStep(withEvents(ring(), { type, at: B }), opens)).toEqual({ kind: "done", outcome: type });
    },
  );
});

describe("status", () => {
  const at = opens + 1;
  const tenant = { type: "tenantPaused", at, pause: pauseAt(at) } as const;
  const service = { type: "servicePaused", at, pause: servicePause } as const;

  it("goes from Upcoming over Active to Completed", () => {
    expect(ringStatus(ring(), at)).toBe("Upcoming");
    expect(ringStatus(active, at)).toBe("Active");
    expect(ringStatus(withEvents(active, { type: "finished", at }), at)).toBe("Completed");
  });

  it("shows the service's pause only where the tenant has not paused, in whatever order they came", () => {
    expect(ringStatus(withEvents(active, service), at)).toBe("Paused by Service");
    expect(ringStatus(withEvents(active, tenant, service), at)).toBe("Paused by Tenant");
    expect(ringStatus(withEvents(active, service, tenant), at)).toBe("Paused by Tenant");
    expect(ringStatus(withEvents(active, tenant, service), addDays(at, 35))).toBe("Paused by Service");
  });

  it("lists every overlay in order of precedence", () => {
    const loaded = withEvents(
      active,
      tenant,
      { type: "expedited", at, plan: active.plan, expediteId: "x1", rebootDays: null },
      { type: "policyError", at, message: "update ring policy is missing" },
    );
    expect(overlays(loaded, at)).toEqual(["Policy error", "Paused by Tenant", "Expedited"]);
  });

  it("carries no overlay once the ring has ended", () => {
    expect(ringStatus(withEvents(active, tenant, { type: "finished", at }), at)).toBe("Completed");
    expect(ringStatus(withEvents(active, tenant, { type: "rollBack", at }), at)).toBe("Rolling back");
  });
});
