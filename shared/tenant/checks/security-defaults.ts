import { z } from "zod";
import { bool } from "../../graph/lenient.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

/** 2022: security defaults asked the service's accounts for a second factor (autopatch.md §4.2). */
export const securityDefaults: AssessmentCheck = {
  id: "securityDefaults",
  area: "Microsoft Entra",
  name: "Security defaults",
  optional: true,
  permission: "Policy.Read.All",
  async run(graph) {
    const path = "/policies/identitySecurityDefaultsEnforcementPolicy";
    const { isEnabled } = await graph.get(path, { version: "v1.0", schema: z.object({ isEnabled: bool }) });
    if (!isEnabled) return ready("Security defaults are off.");
    return {
      result: AssessmentResult.notReady,
      message: "Security defaults are on.",
      todo: "Replace them by conditional access policies of your own and switch them off.",
    };
  },
};
