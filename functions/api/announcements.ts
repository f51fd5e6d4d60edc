import { z } from "zod";
import { announcementSchema as newsSchema } from "../../shared/announcements/announcement.js";
import { announcementsAbout } from "../../shared/announcements/store.js";
import { announcementsOf } from "../../shared/releases/announcements.js";
import { listQualityReleases, readRelease } from "../../shared/releases/store.js";
import { announcementSchema } from "../../shared/releases/view-schema.js";
import { paged, pageOf } from "./paging.js";
import { json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

export const announcementsList = route({
  name: "announcementsList",
  method: "GET",
  path: "announcements",
  role: "Reader",
  act: "list announcements",
  page: true,
  answer: {
    about: "Knowledge base articles of the current releases, the oldest first.",
    schema: pageOf(announcementSchema),
  },
  run: async (call) => {
    const current = announcementsOf(await withinScope(call.actor, await listQualityReleases()));
    return json(paged(call, current, ({ publishedAt, releaseId }) => `${publishedAt} ${releaseId}`));
  },
});

export const releasesAnnouncements = route({
  name: "releasesAnnouncements",
  method: "GET",
  path: "releases/{releaseId}/announcements",
  role: "Reader",
  act: "read what Microsoft says of a release",
  answer: {
    about: "Message center posts, health issues and known issues that name the release's update",
    schema: z.object({ value: z.array(newsSchema) }),
  },
  run: async (call) => {
    const { id } = await readRelease(param(call, "releaseId"));
    return json({ value: await announcementsAbout(id) });
  },
});
