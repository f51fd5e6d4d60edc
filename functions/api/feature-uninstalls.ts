import { clock } from "../../shared/clock.js";
import { installsIn } from "../../shared/feature-devices/installs.js";
import { orderUninstall, uninstallForm } from "../../shared/feature-releases/uninstall.js";
import { answer, because, decide, found, RELEASE } from "./feature-releases.js";
import { route } from "./route.js";

export const featureReleasesUninstall = route({
  name: "featureReleasesUninstall",
  method: "POST",
  path: `${RELEASE}/uninstall`,
  role: "Administrator",
  act: "uninstall a feature update",
  body: uninstallForm,
  ifMatch: true,
  answer: { ...answer, status: 202 },
  run: async (call) => {
    const installs = await installsIn(await found(call));
    return decide(call, "uninstall", (release) =>
      orderUninstall(release, call.body, because(call), installs, clock.now()),
    );
  },
});
