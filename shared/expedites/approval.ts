import type { Question } from "../approvals/questions.js";
import type { Config } from "../config.js";
import type { CatalogueUpdate } from "../graph/catalogue.js";
import type { Expedite, ExpediteSource } from "./expedite.js";

/** Whether people have to approve an expedite of the update. What CISA lists is exploited, whatever the catalogue says. */
export function needsApproval(
  rule: Config["EXPEDITE_APPROVAL"],
  { cveSeverity }: Pick<CatalogueUpdate, "cveSeverity">,
  source: ExpediteSource,
): boolean {
  if (rule !== "automaticForExploited") return rule === "always";
  return source !== "kev" && (cveSeverity?.exploited ?? []).length === 0;
}

/** Id of the question that an expedite puts to people. */
export const questionIdOf = (expediteId: string): string => `expedite ${expediteId}`;

/** The question whether to expedite, with what people need to decide. */
export function expediteQuestion(expedite: Expedite, at: number): Question {
  const { id, source, requestedBy, justification, update, readiness, rebootDays, groupIds } = expedite;
  const exploited = update?.cveSeverity?.exploited ?? [];
  const days = rebootDays === null ? "at the service's own pace (0/1/1)" : `with ${rebootDays} days to the restart`;
  const tested = readiness === null ? "" : `${readiness.ready} of ${readiness.devices} devices are ready for it.`;
  const about = [
    `${update?.displayName ?? id}, requested by ${requestedBy.name} (${source}), in ${groupIds.join(", ")}, ${days}.`,
    exploited.length === 0
      ? "No vulnerability that it closes is known to be exploited."
      : `Exploited: ${exploited.join(", ")}.`,
    tested,
    justification === null ? "" : `Reason: ${justification}`,
  ];
  return {
    ...{ id: questionIdOf(id), kind: "expedite", expediteId: id, at, failures: 0, offered: 0 },
    about: about.filter((sentence) => sentence !== "").join(" "),
  };
}
