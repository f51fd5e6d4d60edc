import { z } from "zod";
import { DriverOutcome } from "../graph/driver-inventories.js";
import { DriverApproval } from "../groups/ring.js";
import { Decision } from "./decisions.js";
import { type Driver, DriverCategory, DriverStatus, driversOf } from "./driver.js";
import { offeredInRing } from "./offered.js";
import type { DriverPolicy } from "./policies.js";

/** What the deferral of a manual policy is shown as (autopatch.md §7). */
const NOT_APPLICABLE = "Not applicable";

const status = z.enum(DriverStatus);
const offered = z.object({ driverId: z.string(), version: z.string() });

/** A driver as the API shows it. */
export const driverViewSchema = z
  .object({
    id: z.string().describe("In the update catalogue: the same in every ring."),
    name: z.string(),
    version: z.string(),
    manufacturer: z.string(),
    driverClass: z.string(),
    releasedAt: z.string().nullable(),
    devices: z.number().describe("Devices of the group with an older version."),
    statuses: z.array(status).describe("Those that it has in the rings, worst first."),
    categories: z.array(z.enum(DriverCategory)),
    rings: z.array(
      z.object({
        ring: z.string(),
        status,
        category: z.enum(DriverCategory),
        devices: z.number(),
        offeredFrom: z.string().nullable().describe("From when it is offered; null unless it is approved."),
        offered: offered.nullable().describe("The version that devices which need the driver are offered now."),
      }),
    ),
  })
  .meta({ id: "Driver" });
export type DriverView = z.infer<typeof driverViewSchema>;

/** @param drivers those of the whole group. @param now ms */
export function driverView(drivers: readonly Driver[], driver: Driver, now: number): DriverView {
  const { rings, ...described } = driver;
  const all = <T>(order: readonly T[], of: (ring: Driver["rings"][number]) => T) =>
    order.filter((each) => rings.some((ring) => of(ring) === each));
  return {
    ...described,
    devices: rings.reduce((sum, { devices }) => sum + devices, 0),
    statuses: all(Object.values(DriverStatus), (ring) => ring.status),
    categories: all(Object.values(DriverCategory), (ring) => ring.category),
    rings: rings.map(({ inventoryId: _own, ...state }) => ({
      ...state,
      offered: offeredInRing(drivers, driver, state.ring, now),
    })),
  };
}

/** The driver policies of a group as the API shows them. */
export const driverPoliciesSchema = z
  .object({
    rings: z.array(
      z.object({
        ring: z.string(),
        policy: z.string().describe("Its name in Intune."),
        approval: z.enum(DriverApproval),
        deferralDays: z
          .union([z.int(), z.literal(NOT_APPLICABLE)])
          .describe("From the day a driver is added to the policy to its offer: the ring's quality deferral."),
        drivers: z.array(z.object({ status, count: z.int() })).describe("Drivers by status, worst first."),
      }),
    ),
  })
  .meta({ id: "DriverPolicies" });

export function driverPoliciesView(policies: readonly DriverPolicy[]): z.infer<typeof driverPoliciesSchema> {
  return {
    rings: policies.map((policy) => ({
      ring: policy.ring,
      policy: policy.name,
      approval: policy.approval,
      deferralDays: policy.deferralDays ?? NOT_APPLICABLE,
      drivers: counted(policy),
    })),
  };
}

function counted(policy: DriverPolicy): { readonly status: DriverStatus; readonly count: number }[] {
  const states = driversOf([policy]).flatMap(({ rings }) => rings);
  return Object.values(DriverStatus).map((each) => ({
    status: each,
    count: states.filter((state) => state.status === each).length,
  }));
}

/** What decisions move: policies, their modes, and the status of each driver. */
export function versionOf(policies: readonly DriverPolicy[]): unknown {
  return policies.map(({ policyId, approval, drivers }) => ({
    policyId,
    approval,
    drivers: drivers.map(({ id, approvalStatus, deployDateTime }) => [id, approvalStatus, deployDateTime]),
  }));
}

/** What became of a decision, for each driver in each ring that it concerned. */
export const decidedSchema = z
  .object({
    action: z.enum(Decision),
    value: z.array(
      z.object({
        driverId: z.string(),
        ring: z.string(),
        before: status,
        status: status.describe("As it is now."),
        outcome: z
          .enum(DriverOutcome)
          .describe("accepted: reading it back does not show it yet; refused, gone: Windows Update did not do it."),
      }),
    ),
  })
  .meta({ id: "DriverDecision" });
