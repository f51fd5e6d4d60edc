import { announcementsOf } from "../../shared/releases/announcements.js";
import { listReleases } from "../../shared/releases/store.js";
import { json, route } from "./route.js";
import { withinScope } from "./scope.js";

route({
  name: "announcementsList",
  method: "GET",
  path: "announcements",
  role: "Reader",
  act: "list announcements",
  run: async ({ actor }) => json({ value: announcementsOf(await withinScope(actor, await listReleases())) }),
});
