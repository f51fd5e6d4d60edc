import { z } from "zod";
import { INTUNE } from "../../graph/graph.js";
import { bool } from "../../graph/lenient.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

/** Spelt as the API spells it. */
const PROPERTY = "unlicensedAdminstratorsEnabled";

/** 2022: the service's administrators had no Intune licence of their own (autopatch.md §4.2). */
export const unlicensedAdmin: AssessmentCheck = {
  id: "unlicensedAdmin",
  area: "Intune",
  name: "Unlicensed admin",
  optional: true,
  permission: "DeviceManagementServiceConfig.Read.All",
  async run(graph) {
    const schema = z.object({ [PROPERTY]: bool });
    const found = await graph.get(INTUNE, { query: { $select: PROPERTY }, schema });
    if (found[PROPERTY] === true) return ready("Administrators without a licence have access to Intune.");
    return {
      result: AssessmentResult.notReady,
      message: "Administrators without a licence have no access to Intune.",
      todo: "Allow access to unlicensed admins in Intune under Tenant administration, Roles.",
    };
  },
};
