import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { announcementSchema, type ReleaseAnnouncement } from "./announcement.js";

/** What Microsoft says of a release, in the order of the posts' ids. */
export async function announcementsAbout(releaseId: string): Promise<ReleaseAnnouncement[]> {
  const found: ReleaseAnnouncement[] = [];
  for await (const { body } of (await store()).all(releaseId)) found.push(body);
  return found;
}

export async function putAnnouncement(releaseId: string, announcement: ReleaseAnnouncement): Promise<void> {
  await (await store()).put(releaseId, announcement.id, announcement);
}

async function store(): Promise<Documents<ReleaseAnnouncement>> {
  return documents(await table("Announcements"), announcementSchema);
}
