import { z } from "zod";
import { graphClient } from "../../shared/graph/client.js";
import { ensureExpediteProfile, removeExpediteProfiles } from "../../shared/graph/expedite-profiles.js";
import { watched } from "../../shared/graph/watched.js";
import { readRelease, readRing } from "../../shared/releases/store.js";
import { activity } from "../durable.js";
import { ensureRingPolicies } from "./group-policies.js";
import { actInput, isOutdated } from "./ring.js";
import { recordAct } from "./ring-audit.js";

/** What one release's expedite profile in a ring is for, as its name says. */
const purposeOf = (releaseId: string): string => `expedite ${releaseId}`;

/**
 * Brings a ring's expedite to its devices, or takes it back: as an expedite profile of Intune that reaches the opened
 * waves (row 64), or as 0/1/1 in the ring's settings where the service expedites (row 63). `reach` null: it is over.
 */
export const hurryRing = activity({
  name: "hurryRing",
  input: actInput.extend({
    reach: z.object({ groupIds: z.array(z.string()), excludedGroupIds: z.array(z.string()) }).nullable(),
  }),
  run: async ({ reach, ...act }, { at }) => {
    if (await isOutdated(act)) return;
    const { releaseId, ring } = act;
    const [{ update }, { target, state }] = await Promise.all([readRelease(releaseId), readRing(releaseId, ring)]);
    const { id: expediteId, rebootDays } = state.expedite ?? { id: "", rebootDays: null };
    const evidence = { expediteId, rebootDays, groups: reach?.groupIds.length ?? 0 };
    const action = reach === null ? "ring.expedite.end" : "ring.expedite";
    const { graph, hasWritten } = watched(graphClient());
    try {
      if (rebootDays === null) return void (await ensureRingPolicies(target.groupId, at));
      const owner = { ring: target, purpose: purposeOf(releaseId) };
      if (reach === null) return await removeExpediteProfiles(graph, owner);
      await ensureExpediteProfile(graph, {
        ...{ ...owner, releaseDate: update.releaseDate, daysUntilForcedReboot: rebootDays },
        ...{ included: reach.groupIds, excluded: reach.excludedGroupIds },
      });
    } finally {
      // The ring's settings have entries of their own; this one says why they changed.
      if (rebootDays === null || hasWritten()) await recordAct({ ...act, action, at, evidence });
    }
  },
});
