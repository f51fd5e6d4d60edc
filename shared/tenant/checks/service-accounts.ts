import { z } from "zod";
import { text } from "../../graph/lenient.js";
import { literal } from "../../graph/odata.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

/** Accounts that the service made for itself in 2022 (autopatch.md §4.2). */
const ACCOUNTS = ["MsAdmin", "MsAdminInt", "MsTest"] as const;
const reserved: ReadonlySet<string> = new Set(ACCOUNTS.map((name) => name.toLowerCase()));

export const serviceAccounts: AssessmentCheck = {
  id: "serviceAccounts",
  area: "Microsoft Entra",
  name: "Service account names",
  optional: true,
  permission: "User.Read.All",
  async run(graph) {
    const filter = ["MsAdmin", "MsTest"].map((name) => `startswith(userPrincipalName,${literal(name)})`).join(" or ");
    const query = { $filter: filter, $select: "userPrincipalName" };
    const users = await graph.list("/users", { version: "v1.0", query, schema: z.object({ userPrincipalName: text }) });
    const subjects = users
      .flatMap(({ userPrincipalName }) => userPrincipalName ?? [])
      .filter((name) => reserved.has((name.split("@")[0] ?? "").toLowerCase()));
    if (subjects.length === 0) return ready("No user has the name of a service account.");
    return {
      result: AssessmentResult.notReady,
      message: `Users are named like the service's accounts ${ACCOUNTS.join(", ")}.`,
      todo: "Rename or remove these users.",
      subjects,
    };
  },
};
