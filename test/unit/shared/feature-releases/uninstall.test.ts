import { describe, expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { resumePhases } from "../../../../shared/feature-releases/commands.js";
import type { RingRef } from "../../../../shared/feature-releases/phases.js";
import type { FeatureRelease, Phase } from "../../../../shared/feature-releases/release.js";
import {
  orderUninstall,
  type RingInstalls,
  type UninstallForm,
  withEndedUninstalls,
} from "../../../../shared/feature-releases/uninstall.js";

const NOW = Date.parse("2026-11-10T12:00:00Z");
const DAY = 86_400_000;
const because = { reason: "updateIssue", at: NOW, by: { id: "ada", name: "Ada" } } as const;

const phase = (number: number, rings: readonly string[], more: Partial<Phase> = {}): Phase => ({
  ...{ number, firstDate: "2026-11-02", gradualGroups: 1, daysBetween: 7, status: "Active", because: null },
  ...{ policyId: "p", startedAt: 1, pending: false, ...more },
  rings: rings.map((ring) => ({ groupId: "sales", ring, movedTo: null })),
});
const release = (...phases: Phase[]): FeatureRelease => ({
  ...{
    id: "r",
    name: "Autumn",
    description: "",
    version: "Windows 11, version 24H2",
    build: 26100,
    groupIds: ["sales"],
    phases,
  },
  ...{ createdAt: 1, createdBy: { id: "ada", name: "Ada" } },
});
const known =
  (installs: RingInstalls["installs"] = [], windowDays = 30) =>
  (ring: RingRef): RingInstalls => ({ ...ring, windowDays, installs });

const order = (
  of: FeatureRelease,
  {
    form = {},
    installs = known(),
    now = NOW,
  }: { form?: Partial<UninstallForm>; installs?: ReturnType<typeof known>; now?: number } = {},
) => orderUninstall(of, form, because, installs, now);
const refusal = (...given: Parameters<typeof order>) => {
  try {
    order(...given);
    return "accepted";
  } catch (error) {
    return (error as AppError).details?.rule;
  }
};
const marked = ({ phases }: FeatureRelease) =>
  phases.flatMap(({ rings }) => rings.filter(({ uninstall }) => uninstall !== undefined).map(({ ring }) => ring));

describe("ordering an uninstallation", () => {
  it("means all phases that have begun, unless phases or rings are chosen", () => {
    const all = release(phase(1, ["Test"]), phase(2, ["Ring1", "Last"], { status: "Paused" }));
    const later = release(...all.phases, phase(3, ["Ring9"], { status: "Scheduled" }));
    expect(marked(order(later))).toEqual(["Test", "Ring1", "Last"]);
    expect(marked(order(all, { form: { phases: [2] } }))).toEqual(["Ring1", "Last"]);
    expect(marked(order(all, { form: { rings: [{ groupId: "sales", ring: "Last" }] } }))).toEqual(["Last"]);
  });

  it("pauses a phase all of whose rings go back, and lasts for the ring's window", () => {
    const after = order(release(phase(1, ["Test", "Last"])), { installs: known([], 10) });
    expect(after.phases[0]).toMatchObject({ status: "Paused", pending: true, because });
    expect(after.phases[0]?.rings[0]?.uninstall).toEqual({ since: NOW, until: NOW + 10 * DAY, hasEnded: false });
    const rings = [{ groupId: "sales", ring: "Test" }];
    expect(order(release(phase(1, ["Test", "Last"])), { form: { rings } }).phases[0]?.status).toBe("Active");
  });

  it.each([
    [2, "2026-11-11T00:00:00Z"],
    [60, "2027-01-08T00:00:00Z"],
  ])("is open for %i days after the goal date where no installation is known", (days, closes) => {
    const at = (now: number) => refusal(release(phase(1, ["Test"])), { installs: known([], days), now });
    expect([at(Date.parse(closes) - 1), at(Date.parse(closes))]).toEqual(["accepted", "uninstallWindow"]);
  });

  it("is open after the last installation, where some are known", () => {
    const installs = known([
      { at: NOW - 40 * DAY, isEnablementPackage: false },
      { at: NOW - 29 * DAY, isEnablementPackage: false },
    ]);
    const at = (now: number) => refusal(release(phase(1, ["Test"])), { installs, now });
    expect([at(NOW), at(NOW + DAY)]).toEqual(["accepted", "uninstallWindow"]);
  });

  it("is refused where all got an enablement package, and not where some did not", () => {
    const installs = (...packages: boolean[]) =>
      known(packages.map((isEnablementPackage) => ({ at: NOW, isEnablementPackage })));
    const one = release(phase(1, ["Test"]));
    expect(refusal(one, { installs: installs(true, true) })).toBe("enablementPackage");
    expect(refusal(one, { installs: installs(true, false) })).toBe("accepted");
  });

  it("is refused as a whole where one ring does not permit it", () => {
    const both = release(phase(1, ["Test"]), phase(2, ["Last"], { status: "Scheduled", firstDate: "2026-12-01" }));
    expect(refusal(both, { form: { phases: [1, 2] } })).toBe("uninstallNotBegun");
    expect(refusal(release(phase(1, ["Test"], { status: "Canceled" })), { form: { phases: [1] } })).toBe(
      "uninstallNotBegun",
    );
    expect(refusal(order(release(phase(1, ["Test"]))))).toBe("uninstalledAlready");
  });
});

describe("an uninstallation", () => {
  const ordered = order(release(phase(1, ["Test", "Last"])), { form: { rings: [{ groupId: "sales", ring: "Last" }] } });

  it("ends with its window, and not before", () => {
    expect(withEndedUninstalls(ordered, NOW + 30 * DAY - 1)).toBe(ordered);
    const ended = withEndedUninstalls(ordered, NOW + 30 * DAY);
    expect(ended.phases[0]?.rings[1]?.uninstall?.hasEnded).toBe(true);
    expect(ended.phases[0]?.pending).toBe(true);
    expect(withEndedUninstalls(ended, NOW + 40 * DAY)).toBe(ended);
  });

  it("ends when its phase is resumed, which an Active phase permits for it alone", () => {
    const resumed = resumePhases(ordered, {});
    expect([marked(resumed), resumed.phases[0]?.status, resumed.phases[0]?.pending]).toEqual([[], "Active", true]);
    expect(() => resumePhases(resumed, {})).toThrow(AppError);
  });
});
