import { objectName, tagOf } from "../../../../shared/graph/names.js";
import { offering } from "../../../../shared/graph/offering/offering.js";
import type { ReleasePolicyRef, RingTarget } from "../../../../shared/graph/offering/types.js";
import { type Exchange, errorBody, script } from "./scripted.js";

export const GROUP = "6f000000-0000-4000-8000-000000000001";
export const WAVE = "6f000000-0000-4000-8000-0000000000a1";
export const HELD = "6f000000-0000-4000-8000-0000000000b1";
export const RING: RingTarget = {
  groupId: "contoso",
  groupName: "Contoso",
  ringName: "Ring1",
  entraGroupId: GROUP,
  updateRingPolicyId: "u1",
  hotpatch: true,
};
export const KEY = "2026.11 B";
export const ENTRY = "9b1d0c6e";
export const TAG = tagOf(RING, KEY);
export const POLICIES = "/beta/admin/windows/updates/policies";
export const TYPES = "#microsoft.graph.windowsUpdates";

export const probe: Exchange = { on: `GET ${POLICIES}`, body: { value: [] } };
export const policy = (id: string, purpose = KEY, createdDateTime = "2026-11-11T00:00:00Z") => ({
  id,
  displayName: objectName(RING, purpose),
  description: "",
  createdDateTime,
});
export const policies = (...value: unknown[]): Exchange => ({ on: `GET ${POLICIES}`, body: { value } });
export const ring = (included: string[] = [], excluded: string[] = [], more: object = {}) => ({
  id: "r1",
  displayName: objectName(RING, KEY),
  description: "d",
  deferralInDays: 0,
  isPaused: false,
  isHotpatchEnabled: true,
  includedGroupAssignment: { assignments: included.map((groupId) => ({ groupId })) },
  excludedGroupAssignment: { assignments: excluded.map((groupId) => ({ groupId })) },
  ...more,
});
export const rings = (...value: unknown[]): Exchange => ({ on: `GET ${POLICIES}/p1/rings`, body: { value } });
export const readRing = (value: unknown): Exchange => ({ on: `GET ${POLICIES}/p1/rings/r1`, body: value });
export const patchRing: Exchange = { on: `PATCH ${POLICIES}/p1/rings/r1`, body: {} };
export const approvals = (...statuses: string[]): Exchange => ({
  on: `GET ${POLICIES}/p1/approvals`,
  body: { value: statuses.map((status, at) => ({ id: `a${at + 1}`, catalogEntryId: ENTRY, status })) },
});
export const absent = (on: string): Exchange => ({ on, status: 404, body: errorBody("ResourceNotFound") });
export const REF: ReleasePolicyRef = {
  model: "policies",
  policyId: "p1",
  ringId: "r1",
  catalogEntryId: ENTRY,
  tag: TAG,
};
export const groupsOf = (tag: string) =>
  `GET /v1.0/groups?$filter=startswith(displayName,'Ringmaster ${tag} ')&$select=id,displayName`;

export async function served(...exchanges: Exchange[]) {
  const play = script(probe, ...exchanges);
  return { ...play, service: await offering(play.graph) };
}
export const open = { releaseKey: KEY, ring: RING, catalogEntryId: ENTRY };
