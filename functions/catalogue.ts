import * as df from "durable-functions";
import { shortName } from "../shared/calendar/names.js";
import { pacificTime } from "../shared/calendar/pacific.js";
import { isAfterReleaseOnPatchTuesday, RELEASE_HOUR } from "../shared/calendar/patch-tuesday.js";
import { clock } from "../shared/clock.js";
import { newUpdates } from "../workflows/activities/catalogue.js";
import { startOnce } from "../workflows/client.js";
import { CATALOGUE } from "../workflows/names.js";

/** Every hour, so that a late or out-of-band update is picked up within the hour. */
df.app.client.timer("catalogueHourly", {
  schedule: "0 30 * * * *",
  handler: async (_timer, client) => {
    if ((await newUpdates()).length > 0) await startOnce(client as df.DurableClient, CATALOGUE, "catalogue-hourly", {});
  },
});

/**
 * Patch Tuesday, 10:00 Pacific: 17:00 or 18:00 UTC by daylight saving time, so both are tried and the Pacific clock
 * decides (autopatch.md §13.1).
 */
df.app.client.timer("patchTuesday", {
  schedule: "0 0 17,18 8-14 * Tue",
  handler: async (_timer, client) => {
    const { date, hour } = pacificTime(clock.now());
    if (!isAfterReleaseOnPatchTuesday(clock.now()) || hour !== RELEASE_HOUR) return;
    const expect = shortName(date, "B");
    await startOnce(client as df.DurableClient, CATALOGUE, `catalogue-${expect.replace(" ", "-")}`, { expect });
  },
});
