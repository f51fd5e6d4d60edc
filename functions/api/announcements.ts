import { z } from "zod";
import { announcementSchema } from "../../shared/announcements/announcement.js";
import { announcementsAbout } from "../../shared/announcements/store.js";
import { announcementsOf } from "../../shared/releases/announcements.js";
import { listReleases, readRelease } from "../../shared/releases/store.js";
import { json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

route({
  name: "announcementsList",
  method: "GET",
  path: "announcements",
  role: "Reader",
  act: "list announcements",
  run: async ({ actor }) => json({ value: announcementsOf(await withinScope(actor, await listReleases())) }),
});

route({
  name: "releasesAnnouncements",
  method: "GET",
  path: "releases/{releaseId}/announcements",
  role: "Reader",
  act: "read what Microsoft says of a release",
  answer: {
    about: "Message center posts, health issues and known issues that name the release's update",
    schema: z.object({ value: z.array(announcementSchema) }),
  },
  run: async (call) => {
    const { id } = await readRelease(param(call, "releaseId"));
    return json({ value: await announcementsAbout(id) });
  },
});
