import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { graphClient } from "../../shared/graph/client.js";
import { applyOptOuts } from "../../shared/safeguard-holds/apply.js";
import { resetOptOuts } from "../../shared/safeguard-holds/reset.js";
import { activity } from "../durable.js";

/** Ends the opt-outs of devices that have taken their feature update. */
export const resetSafeguardOptOuts = activity({
  name: "resetSafeguardOptOuts",
  input: z.object({}),
  run: (_input, { at }) => resetOptOuts(at),
});

/** Brings the members of the opt-out group and its policy in line with the opt-outs. */
export const applySafeguardOptOuts = activity({
  name: "applySafeguardOptOuts",
  input: z.object({}),
  run: (_input, { at }) => applyOptOuts(graphClient(), at),
});

/** Puts into the audit log what keeps opt-outs from reaching the tenant; the next day tries again. */
export const noteSafeguardProblem = activity({
  name: "noteSafeguardProblem",
  input: z.object({ problem: z.string() }),
  run: ({ problem }, { at }) =>
    audit({
      ...{ at, actor: SERVICE, action: "safeguard.optOut.apply.failed", target: "tenant" },
      ...{ evidence: { problem }, key: "safeguard-opt-outs" },
    }),
});
