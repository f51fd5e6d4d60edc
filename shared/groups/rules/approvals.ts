import type { ApprovalSettings } from "../group.js";
import type { Violation } from "./violation.js";

/** Rules between the settings of approvals: enough people must exist for an answer to be possible. */
export function* approvalViolations(settings: ApprovalSettings): Generator<Violation> {
  const { mode, quorum, approvers, escalateAfterHours, timeOutHours } = settings;
  if (mode === "quorum" && quorum === undefined)
    yield {
      field: "approvals.quorum",
      rule: "quorumGiven",
      message: "with mode quorum it says how many people must agree",
    };
  if (mode !== "quorum" && quorum !== undefined)
    yield { field: "approvals.quorum", rule: "quorumOnly", message: "it goes with mode quorum only; leave it out" };
  if (mode === "all" && approvers.length === 0)
    yield { field: "approvals.approvers", rule: "approversNamed", message: "with mode all it names who must agree" };
  if (quorum !== undefined && approvers.length > 0 && quorum > approvers.length)
    yield {
      field: "approvals.quorum",
      rule: "quorumReachable",
      limit: approvers.length,
      message: `${quorum} people must agree, and approvers names ${approvers.length}`,
    };
  if (escalateAfterHours !== undefined && timeOutHours !== undefined && escalateAfterHours >= timeOutHours)
    yield {
      field: "approvals.escalateAfterHours",
      rule: "escalateBeforeTimeOut",
      limit: timeOutHours,
      message: `others are asked after ${escalateAfterHours} hours, and the time-out comes after ${timeOutHours}`,
    };
}
