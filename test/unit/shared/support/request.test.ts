import { describe, expect, it, vi } from "vitest";
import { HOUR_MS } from "../../../../shared/calendar/days.js";

const settings = { SUPPORT_CONTRACT: "unified" };
vi.mock("../../../../shared/config.js", () => ({ config: () => settings }));
const { acted, isPastRetention, opened, requestForm, statusAt } = await import("../../../../shared/support/request.js");
const { checkSeverity } = await import("../../../../shared/support/severity.js");

const AT = Date.parse("2024-08-31T10:00:00Z");
const by = { id: "ada", name: "Ada" };
const FORM = {
  description: "Ring2 is stuck.",
  severity: "Critical" as const,
  issueType: "qualityUpdates" as const,
  primaryContact: { name: "Grace", email: "grace@contoso.example" },
};
const NEW = opened("r1", FORM, { at: AT, by });
const act = (what: Parameters<typeof acted>[1], request = NEW, at = AT + HOUR_MS, text: string | null = null) =>
  acted(request, what, { at, by, text });
const mitigated = act("mitigate");
const MITIGATED_AT = AT + HOUR_MS;

describe("a support request", () => {
  it.each([
    ["description", " "],
    ["severity", "D"],
    ["issueType", "coffee"],
    ["primaryContact", { name: "Grace" }],
    ["surprise", 1],
  ])("with %s %j is refused by that name", (field, value) => {
    const issue = requestForm.safeParse({ ...FORM, [field]: value }).error?.issues[0];
    expect(issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0]).toBe(field);
  });

  it.each([
    ["unified", ["Critical", "Non-critical"], ["A", "B", "C"]],
    ["premier", ["A", "B", "C"], ["Critical", "Non-critical"]],
  ] as const)("of a %s contract has its severities alone", (contract, allowed, others) => {
    settings.SUPPORT_CONTRACT = contract;
    for (const severity of allowed) expect(() => checkSeverity(severity)).not.toThrow();
    for (const severity of others) {
      expect(() => checkSeverity(severity)).toThrow(
        expect.objectContaining({ code: "rule_violated", field: "severity" }),
      );
    }
  });

  it("keeps who did what and when", () => {
    const said = act("comment", NEW, AT + 1, "More logs.");
    expect(said.history.map((entry) => [entry.at, entry.act, entry.text])).toEqual([
      [AT, "open", null],
      [AT + 1, "comment", "More logs."],
    ]);
  });

  it("may be reactivated up to 24 hours after it was mitigated, to the millisecond", () => {
    const last = MITIGATED_AT + 24 * HOUR_MS;
    expect(act("reactivate", mitigated, last).status).toBe("open");
    const late = () => act("reactivate", mitigated, last + 1);
    expect(late).toThrow(
      expect.objectContaining({ code: "conflict", details: { status: "closed", rule: "reactivation", limit: 24 } }),
    );
  });

  it("that was reactivated has a day again after the next mitigation", () => {
    const again = act("mitigate", act("reactivate", mitigated, MITIGATED_AT + HOUR_MS), MITIGATED_AT + 20 * HOUR_MS);
    expect(statusAt(again, MITIGATED_AT + 40 * HOUR_MS)).toBe("mitigated");
  });

  it.each([
    ["reactivate", NEW],
    ["mitigate", mitigated],
    ["comment", act("close")],
    ["close", act("close")],
    ["reactivate", act("close")],
  ] as const)("takes no %s in a status that does not allow it", (what, request) => {
    expect(() => act(what, request, AT + 2 * HOUR_MS)).toThrow(expect.objectContaining({ code: "conflict" }));
  });

  it("is closed when nobody reactivated it within the day", () => {
    expect(statusAt(mitigated, MITIGATED_AT + 24 * HOUR_MS)).toBe("mitigated");
    expect(statusAt(mitigated, MITIGATED_AT + 24 * HOUR_MS + 1)).toBe("closed");
  });

  it("goes six months after the last entry of a closed one, by the calendar", () => {
    const closed = act("close");
    expect(isPastRetention(closed, Date.parse("2025-02-28T10:00:00Z"))).toBe(false);
    expect(isPastRetention(closed, Date.parse("2025-03-01T10:00:00Z"))).toBe(true);
    expect(isPastRetention(NEW, Date.parse("2027-01-01T00:00:00Z"))).toBe(false);
  });
});
