import { expect, it } from "vitest";
import { eligibilityOf, Health, type Rule } from "../../../../shared/workloads/eligibility.js";

interface Phone {
  readonly charged: boolean;
  readonly online: boolean;
}
const RULES: readonly Rule<Phone>[] = [
  { code: "empty", text: "Charge it.", keeps: ({ charged }) => charged },
  { code: "offline", text: "Connect it.", keeps: ({ online }) => online },
];

it("labels a device that keeps every rule Healthy, without reasons", () => {
  expect(eligibilityOf({ charged: true, online: true }, RULES)).toEqual({ label: Health.healthy, reasons: [] });
});

it("labels a device Unhealthy with every rule that it breaks", () => {
  const { label, reasons } = eligibilityOf({ charged: false, online: false }, RULES);
  expect([label, reasons]).toEqual([
    Health.unhealthy,
    [
      { code: "empty", text: "Charge it." },
      { code: "offline", text: "Connect it." },
    ],
  ]);
});
