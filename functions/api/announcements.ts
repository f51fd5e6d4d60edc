import { announcementsOf } from "../../shared/releases/announcements.js";
import { listReleases } from "../../shared/releases/store.js";
import { json, route } from "./route.js";

route({
  name: "announcementsList",
  method: "GET",
  path: "announcements",
  role: "Reader",
  act: "list announcements",
  run: async () => json({ value: announcementsOf(await listReleases()) }),
});
