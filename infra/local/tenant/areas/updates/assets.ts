import { z } from "zod";
import { badRequest, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import {
  accepted,
  created,
  type GraphRequest,
  type GraphResponse,
  type Json,
  ok,
  type Route,
} from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";
import { known, visible } from "../rows.js";
import { leaveAudiences, tellAudiences } from "./audience-devices.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/updatableAssets";
const NAMESPACE = "microsoft.graph.windowsUpdates";
const DEVICE = `#${NAMESPACE}.azureADDevice`;
const GROUP = `#${NAMESPACE}.updatableAssetGroup`;
/** An enrolment shows as done after this long, its end after that long (graph.md §1.3), ms. */
const ENROLLING = 3000;
const UNENROLLING = 9000;

const category = z.enum(["feature", "quality", "driver"]);
type Category = z.infer<typeof category>;
const listed = z
  .object({ assets: z.array(z.object({ id: z.string() })) })
  .transform(({ assets }) => assets.map(({ id }) => id));
const byId = z.object({ ids: z.array(z.string()), memberEntityType: z.string() }).transform(({ ids }) => ids);

export interface AssetRow {
  readonly id: string;
  readonly kind: "device" | "group";
  /** Per category: whether it is enrolled, and since when (ms) that was asked for. */
  readonly enrollment: Partial<Record<Category, { readonly enrolled: boolean; readonly at: number }>>;
  /** Devices of a group. */
  readonly members: readonly string[];
}

/** Devices registered with the deployment service, their enrolment, and groups of them (graph.md §1.3). */
export function assetRoutes(world: World): Route[] {
  const assets = world.store.table<AssetRow>("updatableAssets");
  const base = { service, needs: needs.windowsUpdates, only: "beta" } as const;
  const project = (row: AssetRow): Json => assetJson(world, row);
  const context = "admin/windows/updates/updatableAssets";
  const list = (request: GraphRequest, rows: readonly AssetRow[]) => answerList(request, { rows, project, context });
  const devices = () => assets.visibleAll().filter(({ kind }) => kind === "device");

  const enrol =
    (enrolled: boolean, schema: z.ZodType<string[]>) =>
    (request: GraphRequest): GraphResponse => {
      const { updateCategory } = readBody(z.object({ updateCategory: category }), request.body);
      for (const id of readBody(schema, request.body)) {
        const row = registered(world, id);
        const enrollment = { ...row.enrollment, [updateCategory]: { enrolled, at: world.clock.now() } };
        assets.set({ ...row, enrollment });
      }
      tellAudiences(world);
      return accepted();
    };
  const change =
    (add: boolean, schema: z.ZodType<string[]>) =>
    (request: GraphRequest): GraphResponse => {
      const group = known(assets, service, request.params.id);
      if (group.kind !== "group") throw badRequest("Members can be changed on groups only.");
      const ids = readBody(schema, request.body).map((id) => registered(world, id).id);
      const kept = group.members.filter((id) => !ids.includes(id));
      assets.set({ ...group, members: add ? [...kept, ...ids] : kept });
      tellAudiences(world);
      return accepted();
    };
  const create = (request: GraphRequest): GraphResponse => {
    readBody(z.object({ "@odata.type": z.literal(GROUP) }), request.body);
    const row: AssetRow = { id: world.newId("assetGroup"), kind: "group", enrollment: {}, members: [] };
    assets.set(row);
    return created(assetJson(world, row));
  };
  const members = (request: GraphRequest): GraphResponse => {
    const group = visible(assets, service, request.params.id);
    return list(
      request,
      group.members.flatMap((id) => assets.get(id) ?? []),
    );
  };
  const remove = (request: GraphRequest): GraphResponse => {
    const { id } = known(assets, service, request.params.id);
    assets.delete(id);
    for (const row of assets.all()) {
      if (row.members.includes(id)) assets.set({ ...row, members: row.members.filter((member) => member !== id) });
    }
    leaveAudiences(world, id);
    tellAudiences(world);
    return accepted();
  };

  const action = (path: string, handle: Route["handle"]): Route => ({
    ...base,
    method: "POST",
    path: `${PATH}${path}`,
    answersAccepted: true,
    handle,
  });
  return [
    { ...base, method: "GET", path: PATH, handle: (request) => list(request, assets.visibleAll()) },
    { ...base, method: "POST", path: PATH, handle: create },
    {
      ...base,
      method: "GET",
      path: `${PATH}/${NAMESPACE}.azureADDevice`,
      handle: (request) => list(request, devices()),
    },
    action("/enrollAssets", enrol(true, listed)),
    action("/enrollAssetsById", enrol(true, byId)),
    action("/unenrollAssets", enrol(false, listed)),
    action("/unenrollAssetsById", enrol(false, byId)),
    {
      ...base,
      method: "GET",
      path: `${PATH}/{id}`,
      handle: (request) => ok(project(visible(assets, service, request.params.id))),
    },
    { ...base, method: "DELETE", path: `${PATH}/{id}`, answersAccepted: true, handle: remove },
    action("/{id}/addMembers", change(true, listed)),
    action("/{id}/addMembersById", change(true, byId)),
    action("/{id}/removeMembers", change(false, listed)),
    action("/{id}/removeMembersById", change(false, byId)),
    { ...base, method: "GET", path: `${PATH}/{id}/${NAMESPACE}.updatableAssetGroup/members`, handle: members },
  ];
}

/** The asset of a device, registered now if it was not. Nobody checks here whether the device exists. */
export function registered(world: World, deviceId: string): AssetRow {
  const assets = world.store.table<AssetRow>("updatableAssets");
  const id = deviceId.toLowerCase();
  const row = assets.get(id) ?? { id, kind: "device", enrollment: {}, members: [] };
  if (assets.get(id) === undefined) assets.set(row);
  return row;
}

export function assetJson(world: World, row: AssetRow): Json {
  if (row.kind === "group") return { "@odata.type": GROUP, id: row.id };
  const exists = world.directory.byDeviceId(row.id) !== undefined;
  const error = { "@odata.type": `#${NAMESPACE}.azureADDeviceRegistrationError`, reason: "invalidAzureADDeviceId" };
  const states = category.options.map((each) => [each, enrollmentJson(row.enrollment[each], world.clock.now())]);
  return { "@odata.type": DEVICE, id: row.id, errors: exists ? [] : [error], enrollment: Object.fromEntries(states) };
}

function enrollmentJson(entry: AssetRow["enrollment"][Category], now: number): Json {
  if (entry === undefined) return { enrollmentState: "notEnrolled", lastModifiedDateTime: null };
  const settled = now - entry.at >= (entry.enrolled ? ENROLLING : UNENROLLING);
  const [before, after] = entry.enrolled ? ["enrolling", "enrolled"] : ["unenrolling", "notEnrolled"];
  return { enrollmentState: settled ? after : before, lastModifiedDateTime: dateText(entry.at) };
}
