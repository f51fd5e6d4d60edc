import * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { addDays, utcDate } from "../../shared/calendar/days.js";
import { publishedAt } from "../../shared/calendar/publication.js";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { listQualityUpdates } from "../../shared/graph/catalogue.js";
import { graphClient } from "../../shared/graph/client.js";
import { listGroups } from "../../shared/groups/store.js";
import { newRelease, newRings } from "../../shared/releases/create.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { findRelease, insertRelease, insertRings, listReleases } from "../../shared/releases/store.js";
import { becomesRelease } from "../../shared/updates/quality-update.js";
import { startOnce } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE } from "../names.js";

/**
 * Makes a release of every published B and out-of-band update for every group that has none yet, and starts it.
 * Returns the names of the updates that are in the catalogue.
 */
export const startNewReleases = activity({
  name: "startNewReleases",
  input: z.object({}),
  run: async (_input, context) => {
    const now = clock.now();
    const since = utcDate(addDays(now, -config().RELEASE_MAX_AGE_DAYS));
    const updates = (await listQualityUpdates(graphClient(), { since }))
      .filter((update) => becomesRelease(update) && publishedAt(update) <= now && update.revisions.length > 0)
      .sort((a, b) => publishedAt(a) - publishedAt(b));
    const client = df.getClient(context);
    const started: string[] = [];
    for (const group of await listGroups()) {
      for (const update of updates) {
        const id = releaseIdOf(group.id, update);
        if ((await findRelease(id)) !== undefined) continue;
        const release = newRelease({ id, group, update, others: await listReleases(), now });
        await insertRings(newRings(release, group));
        await insertRelease(release);
        await audit({ at: now, actor: SERVICE, action: "release.start", target: `release/${id}`, key: id });
        started.push(id);
      }
    }
    // Also those that were written before a crash and never started.
    for (const { id, state } of await listReleases()) {
      if (state.phase === "active") await startOnce(client, RELEASE, id, { releaseId: id });
    }
    return { started, updates: updates.map(({ shortName }) => shortName) };
  },
});
