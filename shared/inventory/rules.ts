import { groupBy } from "../ledger/collections.js";
import type { Eligibility, Rule } from "../workloads/eligibility.js";
import type { AppDevice } from "./devices.js";

/** Rules that all app workloads have. */
export const CHECKED_IN: Rule<AppDevice> = {
  code: "notCheckedIn",
  text: "The device has not checked in with Intune for more than 5 days. Switch it on and synchronise it.",
  keeps: ({ checkedIn }) => checkedIn,
};
export const INVENTORY_KNOWN: Rule<AppDevice> = {
  code: "inventoryUnknown",
  text: "The agent on the device has not told which apps it has. It does so once a day; see that it is installed and runs.",
  keeps: ({ inventory }) => inventory !== null,
};

/** How many of the devices break each rule, by its code. */
export function reasonCounts(found: readonly Eligibility[]): Record<string, number> {
  return countBy(
    found.flatMap(({ reasons }) => reasons),
    ({ code }) => code,
  );
}

/** How many items have each name. */
export function countBy<T>(items: readonly T[], name: (item: T) => string): Record<string, number> {
  return Object.fromEntries([...groupBy(items, name)].map(([key, own]) => [key, own.length]));
}
