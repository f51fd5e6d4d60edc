import { announcementsOf } from "../../shared/releases/announcements.js";
import { listReleases } from "../../shared/releases/store.js";
import { announcementSchema } from "../../shared/releases/view-schema.js";
import { paged, pageOf } from "./paging.js";
import { json, route } from "./route.js";
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
    const current = announcementsOf(await withinScope(call.actor, await listReleases()));
    return json(paged(call, current, ({ publishedAt, releaseId }) => `${publishedAt} ${releaseId}`));
  },
});
