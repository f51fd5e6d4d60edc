import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { readDevice } from "../../shared/registration/store.js";
import { deviceWorkloads, deviceWorkloadsSchema } from "../../shared/workloads/device-overview.js";
import { json, param, route } from "./route.js";

export const devicesWorkloads = route({
  name: "devicesWorkloads",
  method: "GET",
  path: "devices/{deviceId}/workloads",
  role: "Reader",
  act: "read the eligibility of a device",
  answer: {
    about: "Whether the device counts in the objective of every workload: Healthy, or Unhealthy with every reason.",
    schema: deviceWorkloadsSchema,
  },
  run: async (call) =>
    json(await deviceWorkloads(graphClient(), await readDevice(param(call, "deviceId")), clock.now())),
});
