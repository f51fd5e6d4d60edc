import { badRequest, forbidden, notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import {
  created,
  type GraphRequest,
  type GraphResponse,
  type Json,
  noContent,
  ok,
  type Route,
} from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { Row, Table } from "../../state/table.js";
import { groupHasReplicated, type World } from "../../world.js";
import { defined, known, visible } from "../rows.js";
import {
  type ApprovalRow,
  approvalJson,
  type PolicyRow,
  policyJson,
  type RingRow,
  ringJson,
  sourceOf,
} from "./policy-rows.js";
import {
  approvalPatch,
  approvalSchema,
  policyPatch,
  policySchema,
  policyType,
  ringPatch,
  ringSchema,
  ringType,
} from "./policy-schema.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/policies";

/** Policies, rings and approvals: quality updates by Entra group (graph.md §1.9). */
export function policyRoutes(world: World): Route[] {
  const policies = new Policies(world);
  policies.restore();
  const route = (method: Route["method"], path: string, handle: Route["handle"]): Route => ({
    method,
    path: `${PATH}${path}`,
    service,
    needs: needs.windowsUpdates,
    only: "beta",
    handle: (request) => {
      if (world.faults.current.groupModel === "forbidden") throw forbidden(service);
      return handle(request);
    },
  });
  return [
    route("GET", "", (request) => policies.list(request)),
    route("POST", "", (request) => policies.create(request)),
    route("GET", "/{id}", (request) => policies.get(request)),
    route("PATCH", "/{id}", (request) => policies.patch(request)),
    route("DELETE", "/{id}", (request) => policies.remove(request)),
    route("GET", "/{id}/rings", (request) => policies.listRings(request)),
    route("POST", "/{id}/rings", (request) => policies.createRing(request)),
    route("GET", "/{id}/rings/{child}", (request) => policies.getRing(request)),
    route("PATCH", "/{id}/rings/{child}", (request) => policies.patchRing(request)),
    route("DELETE", "/{id}/rings/{child}", (request) => policies.removeRing(request)),
    route("GET", "/{id}/approvals", (request) => policies.listApprovals(request)),
    route("POST", "/{id}/approvals", (request) => policies.createApproval(request)),
    route("GET", "/{id}/approvals/{child}", (request) => policies.getApproval(request)),
    route("PATCH", "/{id}/approvals/{child}", (request) => policies.patchApproval(request)),
    route("DELETE", "/{id}/approvals/{child}", () => {
      throw badRequest("Deleting an approval is not supported.");
    }),
    route("GET", "/{id}/applicableContent", (request) => policies.applicableContent(request)),
  ];
}

class Policies {
  readonly #policies: Table<PolicyRow>;
  readonly #rings: Table<RingRow>;
  readonly #approvals: Table<ApprovalRow>;

  constructor(private readonly world: World) {
    this.#policies = world.store.table<PolicyRow>("policies");
    this.#rings = world.store.table<RingRow>("policyRings");
    this.#approvals = world.store.table<ApprovalRow>("policyApprovals");
  }

  /** Puts every ring kept from before in force again. */
  restore(): void {
    for (const policy of this.#policies.all()) this.#apply(policy);
  }

  list(request: GraphRequest): GraphResponse {
    return answerList(request, { ...this.#shape(), rows: this.#policies.visibleAll() });
  }

  get(request: GraphRequest): GraphResponse {
    return answerItem(request, visible(this.#policies, service, request.params.id), this.#shape());
  }

  create(request: GraphRequest): GraphResponse {
    readBody(policyType, request.body);
    const now = this.world.clock.now();
    const body = readBody(policySchema, request.body);
    const row: PolicyRow = { id: this.world.newId("policy"), ...body, createdAt: now, modifiedAt: now };
    this.#policies.set(row);
    return created(entity(request, "", policyJson(row)));
  }

  patch(request: GraphRequest): GraphResponse {
    const policy = this.#policyOf(request);
    const row = { ...policy, ...defined(readBody(policyPatch, request.body)), modifiedAt: this.world.clock.now() };
    this.#policies.set(row);
    this.#apply(row);
    return ok(entity(request, "", policyJson(row)));
  }

  remove(request: GraphRequest): GraphResponse {
    const policy = this.#policyOf(request);
    for (const ring of this.#ringsOf(policy.id)) this.#dropRing(ring);
    for (const approval of this.#approvalsOf(policy.id)) this.#approvals.delete(approval.id);
    this.#policies.delete(policy.id);
    return noContent();
  }

  listRings(request: GraphRequest): GraphResponse {
    const { id } = visible(this.#policies, service, request.params.id);
    const rows = this.#rings.visibleAll().filter(({ policyId }) => policyId === id);
    return answerList(request, { rows, project: ringJson, context: `admin/windows/updates/policies('${id}')/rings` });
  }

  getRing(request: GraphRequest): GraphResponse {
    return ok(entity(request, "/rings", ringJson(child(request, visible(this.#rings, service, request.params.child)))));
  }

  createRing(request: GraphRequest): GraphResponse {
    readBody(ringType, request.body);
    const policy = this.#policyOf(request);
    const body = defined(readBody(ringSchema, request.body));
    const now = this.world.clock.now();
    const blank = { description: null, deferralInDays: 0, isPaused: false, isHotpatchEnabled: false };
    const row = this.#withGroups({ ...blank, included: [], excluded: [] }, body);
    const ring: RingRow = {
      id: this.world.newId("ring"),
      policyId: policy.id,
      ...row,
      displayName: body.displayName,
      createdAt: now,
      modifiedAt: now,
    };
    this.#rings.set(ring);
    this.#apply(policy);
    return created(entity(request, "/rings", ringJson(ring)));
  }

  patchRing(request: GraphRequest): GraphResponse {
    const policy = this.#policyOf(request);
    const ring = child(request, known(this.#rings, service, request.params.child));
    const row = {
      ...this.#withGroups(ring, defined(readBody(ringPatch, request.body))),
      modifiedAt: this.world.clock.now(),
    };
    this.#rings.set(row);
    this.#apply(policy);
    return ok(entity(request, "/rings", ringJson(row)));
  }

  removeRing(request: GraphRequest): GraphResponse {
    this.#dropRing(child(request, known(this.#rings, service, request.params.child)));
    return noContent();
  }

  listApprovals(request: GraphRequest): GraphResponse {
    const { id } = visible(this.#policies, service, request.params.id);
    const rows = this.#approvals.visibleAll().filter(({ policyId }) => policyId === id);
    return answerList(request, {
      rows,
      project: approvalJson,
      context: `admin/windows/updates/policies('${id}')/approvals`,
    });
  }

  getApproval(request: GraphRequest): GraphResponse {
    return ok(
      entity(
        request,
        "/approvals",
        approvalJson(child(request, visible(this.#approvals, service, request.params.child))),
      ),
    );
  }

  createApproval(request: GraphRequest): GraphResponse {
    const policy = this.#policyOf(request);
    const body = readBody(approvalSchema, request.body);
    const now = this.world.clock.now();
    const entry = this.world.catalogue.get(body.catalogEntryId);
    if (entry === undefined || entry.publishedAt > now)
      throw badRequest(`Catalog entry '${body.catalogEntryId}' does not exist.`);
    const ids = { id: this.world.newId("approval"), policyId: policy.id, catalogEntryId: entry.id };
    const row: ApprovalRow = { ...ids, status: body.status, createdAt: now, modifiedAt: now };
    this.#approvals.set(row);
    this.#apply(policy);
    return created(entity(request, "/approvals", approvalJson(row)));
  }

  patchApproval(request: GraphRequest): GraphResponse {
    const policy = this.#policyOf(request);
    const approval = child(request, known(this.#approvals, service, request.params.child));
    const { status } = readBody(approvalPatch, request.body);
    const row = { ...approval, status, modifiedAt: this.world.clock.now() };
    this.#approvals.set(row);
    this.#apply(policy);
    return ok(entity(request, "/approvals", approvalJson(row)));
  }

  applicableContent(request: GraphRequest): GraphResponse {
    const { id } = visible(this.#policies, service, request.params.id);
    const rows = this.world.catalogue.published(this.world.clock.now());
    const project = ({ id: catalogEntryId }: { id: string }) => ({ catalogEntryId });
    return answerList(request, { rows, project, context: `admin/windows/updates/policies('${id}')/applicableContent` });
  }

  #shape() {
    return {
      project: policyJson,
      context: "admin/windows/updates/policies",
      expand: {
        rings: ({ id }: PolicyRow) => ({ rings: this.#ringsOf(id).map(ringJson) }),
        approvals: ({ id }: PolicyRow) => ({ approvals: this.#approvalsOf(id).map(approvalJson) }),
      },
    };
  }

  /** Takes over the groups of a body, which must exist and have reached Windows Update. */
  #withGroups<T extends Pick<RingRow, "included" | "excluded">>(
    ring: T,
    body: RingBody,
  ): T & Omit<RingBody, "includedGroupAssignment"> {
    const { includedGroupAssignment, excludedGroupAssignment, ...settings } = body;
    const groups = (assignment: Assignment | undefined, kept: readonly string[]) =>
      assignment === undefined ? kept : assignment.assignments.map(({ groupId }) => this.#replicated(groupId));
    const included = groups(includedGroupAssignment, ring.included);
    return { ...ring, ...settings, included, excluded: groups(excludedGroupAssignment, ring.excluded) };
  }

  #replicated(groupId: string): string {
    if (!groupHasReplicated(this.world, groupId)) throw badRequest(`Group '${groupId}' was not found.`);
    return groupId;
  }

  #apply(policy: PolicyRow): void {
    const approvals = this.#approvalsOf(policy.id);
    for (const ring of this.#ringsOf(policy.id)) this.world.windowsUpdate.setSource(sourceOf(policy, ring, approvals));
  }

  #dropRing(ring: RingRow): void {
    this.#rings.delete(ring.id);
    this.world.windowsUpdate.deleteSource(ring.id);
  }

  #policyOf(request: GraphRequest): PolicyRow {
    return known(this.#policies, service, request.params.id);
  }

  #ringsOf(id: string): RingRow[] {
    return this.#rings.all().filter(({ policyId }) => policyId === id);
  }

  #approvalsOf(id: string): ApprovalRow[] {
    return this.#approvals.all().filter(({ policyId }) => policyId === id);
  }
}

interface Assignment {
  readonly assignments: readonly { readonly groupId: string }[];
}

interface RingBody {
  readonly includedGroupAssignment?: Assignment;
  readonly excludedGroupAssignment?: Assignment;
}

function entity(request: GraphRequest, below: string, json: Json): Json {
  const path = below === "" ? "" : `('${request.params.id}')${below}`;
  return { "@odata.context": `${request.root}/$metadata#admin/windows/updates/policies${path}/$entity`, ...json };
}

/** A child is found only below its own policy. */
function child<T extends Row & { policyId: string }>(request: GraphRequest, row: T): T {
  if (row.policyId !== request.params.id?.toLowerCase()) throw notFound(service, row.id);
  return row;
}
