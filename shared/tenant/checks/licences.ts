import { listSkus } from "../../graph/licences.js";
import { entitlementOf } from "../licences.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

export const licences: AssessmentCheck = {
  id: "licences",
  area: "Microsoft Entra",
  name: "Licences",
  optional: false,
  permission: "LicenseAssignment.Read.All",
  async run(graph) {
    const { licensed, intune, recognised, byServicePlan } = entitlementOf(await listSkus(graph));
    if (!licensed) {
      return {
        result: AssessmentResult.notReady,
        message: "The tenant has no active licence that contains the service.",
        todo: "Buy or renew Microsoft 365 E3, E5 or F3, Windows Enterprise E3 or E5, Business Premium or A3 and above.",
      };
    }
    if (!intune) {
      return {
        result: AssessmentResult.error,
        message: "The tenant is not licensed for Intune, so that it cannot be checked.",
        todo: "Buy or renew a licence for Microsoft Intune, then run the assessment again.",
      };
    }
    const names = [...recognised.map(({ name }) => name), ...byServicePlan];
    return ready(`A licence that contains the service is active: ${names.join(", ")}.`);
  },
};
