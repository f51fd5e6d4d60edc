import { z } from "zod";
import { type AppVersion, appVersionSchema, isAtLeast } from "../app-versions/version.js";
import type { AutopatchGroup } from "../groups/group.js";
import { ServiceRing, serviceRings } from "../groups/service-rings.js";
import type { AppDevice } from "../inventory/devices.js";
import { reasonCounts } from "../inventory/rules.js";
import { counts } from "../schema.js";
import { percentOf } from "../slo/percent.js";
import { Health } from "../workloads/eligibility.js";
import { edgeEligibility } from "./eligibility.js";
import { EdgeChannel, newestEdge, previousEdge } from "./versions.js";

const ringSchema = z.object({
  ring: z.string(),
  channel: z.enum(EdgeChannel),
  newest: appVersionSchema.nullable(),
  previous: appVersionSchema.nullable(),
  devices: z.int(),
  eligible: z.int().describe("Healthy devices, of which the figures below are."),
  notEligible: z.int(),
  reasons: counts.describe("Devices by the rule that they break."),
  onChannel: z.int().describe("Devices whose Edge is on the ring's channel: the denominator of the percentage."),
  onNewest: z.int(),
  percentOnNewest: z.number().nullable(),
  onPrevious: z.int(),
  older: z.int(),
  otherChannel: z.int(),
});
export const edgeReportSchema = z.object({ rings: z.array(ringSchema) });
export type EdgeReport = z.infer<typeof edgeReportSchema>;

/** The channel of a ring: Beta for Test, the group's for all others (autopatch.md §8.2). */
export function channelOf(group: Pick<AutopatchGroup, "rings" | "deploymentSettings">, ring: string): EdgeChannel {
  return serviceRings(group)[ring] === ServiceRing.test ? EdgeChannel.beta : group.deploymentSettings.edgeChannel;
}

/** Versions of Edge ring by ring, on healthy devices: on the newest of the ring's channel, on the one before, older. @param now ms */
export function edgeReport(
  group: Pick<AutopatchGroup, "rings" | "deploymentSettings">,
  devices: readonly AppDevice[],
  list: readonly AppVersion[],
  now: number,
): EdgeReport {
  return {
    rings: group.rings.map(({ name: ring }) => {
      const channel = channelOf(group, ring);
      const newest = newestEdge(list, channel, now) ?? null;
      const previous = previousEdge(list, channel, now) ?? null;
      const own = devices.filter((device) => device.ring === ring);
      const judged = own.map((device) => ({ device, eligibility: edgeEligibility(device) }));
      const eligible = judged.filter(({ eligibility }) => eligibility.label === Health.healthy);
      const installed = eligible.flatMap(({ device }) => device.inventory?.edge ?? []);
      const onChannel = installed.filter((edge) => edge.channel === channel);
      const reach = (wanted: AppVersion | null) =>
        onChannel.filter(({ version }) => wanted !== null && isAtLeast(version, wanted.version)).length;
      const onNewest = reach(newest);
      const onPrevious = previous === null ? 0 : reach(previous) - onNewest;
      return {
        ...{ ring, channel, newest, previous, devices: own.length },
        ...{ eligible: eligible.length, notEligible: own.length - eligible.length },
        reasons: reasonCounts(judged.map(({ eligibility }) => eligibility)),
        ...{ onChannel: onChannel.length, onNewest, onPrevious },
        percentOnNewest: percentOf(onNewest, onChannel.length),
        older: onChannel.length - onNewest - onPrevious,
        otherChannel: installed.length - onChannel.length,
      };
    }),
  };
}
