import { z } from "zod";
import { FIRST_RING, LAST_RING } from "../../shared/groups/defaults.js";
import { defaultShares } from "../../shared/registration/default-shares.js";
import { DeviceStatus } from "../../shared/registration/device.js";
import { listDevices } from "../../shared/registration/store.js";
import { json, route } from "./route.js";

const distributionSchema = z.object({
  devices: z.int().describe("Registered devices of the tenant."),
  value: z.array(z.object({ ring: z.string(), percent: z.int() })),
});

/** The percentages behind "Apply default dynamic group distribution" (autopatch.md §2.2), by the size of the tenant. */
export const groupsDefaultDistribution = route({
  name: "groupsDefaultDistribution",
  method: "GET",
  path: "groups/default-distribution",
  role: "Reader",
  act: "read the default distribution",
  answer: { about: "The share of each ring.", schema: distributionSchema },
  run: async () => {
    const devices = (await listDevices()).filter(({ status }) => status === DeviceStatus.registered).length;
    // Test and Last are filled by hand only.
    const byHand = (ring: string) => ({ ring, percent: 0 });
    return json({ devices, value: [byHand(FIRST_RING), ...defaultShares(devices), byHand(LAST_RING)] });
  },
});
