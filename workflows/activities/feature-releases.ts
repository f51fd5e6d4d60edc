import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { applyPhases } from "../../shared/feature-releases/apply.js";
import { markGroups, startDuePhases } from "../../shared/feature-releases/automation.js";
import { graphClient } from "../../shared/graph/client.js";
import { activity } from "../durable.js";
import { startProvisioning } from "../group-start.js";

const scope = z.object({
  /** Whether phases that are due begin, and what is in the tenant is checked; else decisions alone are carried out. */
  automation: z.boolean(),
});

/** Begins the phases that are due. */
export const startFeaturePhases = activity({
  name: "startFeaturePhases",
  input: z.object({}),
  run: (_input, { at }) => startDuePhases(at),
});

/** Brings the policies and pauses of feature releases to the tenant. */
export const applyFeatureReleases = activity({
  name: "applyFeatureReleases",
  input: scope,
  run: ({ automation }) => applyPhases(graphClient(), clock.now(), automation ? "all" : "pending"),
});

/** Puts into the audit log what keeps feature releases from reaching the tenant; the next run tries again. */
export const noteFeatureProblem = activity({
  name: "noteFeatureProblem",
  input: z.object({ problem: z.string() }),
  run: ({ problem }, { at }) =>
    audit({
      ...{ at, actor: SERVICE, action: "featureRelease.apply.failed", target: "feature-release" },
      ...{ evidence: { problem }, key: "feature-releases" },
    }),
});

/** Takes standing policies from groups in a feature release, and gives them back to those that left. */
export const markFeatureGroups = activity({
  name: "markFeatureGroups",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    for (const groupId of await markGroups()) await startProvisioning(client, groupId, `feature-release-${at}`);
  },
});
