import { z } from "zod";
import { text } from "../../graph/lenient.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

const policySchema = z.object({
  displayName: text,
  state: text,
  conditions: z.object({ users: z.object({ includeUsers: z.array(z.string()).nullish() }).nullish() }).nullish(),
});

/** 2022: policies on all users met the service's accounts too (autopatch.md §4.2). */
export const conditionalAccess: AssessmentCheck = {
  id: "conditionalAccess",
  area: "Microsoft Entra",
  name: "Conditional access",
  optional: true,
  permission: "Policy.Read.All",
  async run(graph) {
    const path = "/identity/conditionalAccess/policies";
    const policies = await graph.list(path, { version: "v1.0", schema: policySchema });
    const subjects = policies
      .filter(({ state, conditions }) => state === "enabled" && conditions?.users?.includeUsers?.includes("All"))
      .map(({ displayName }) => displayName ?? "a policy without a name");
    if (subjects.length === 0) return ready("No conditional access policy targets all users.");
    return {
      result: AssessmentResult.advisory,
      message: `${subjects.length} conditional access policies target all users.`,
      todo: "Exclude the service's accounts from them.",
      subjects,
    };
  },
};
