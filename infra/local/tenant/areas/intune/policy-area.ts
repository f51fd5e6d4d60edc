import { Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { Json } from "../../graph/types.js";
import {
  created,
  type GraphRequest,
  type GraphResponse,
  noContent,
  ok,
  type Route,
  type Version,
} from "../../graph/types.js";
import { answerItem, answerList, type Expanders } from "../../odata/listing.js";
import type { Row, Table } from "../../state/table.js";
import type { World } from "../../world.js";
import { known, visible } from "../rows.js";
import { assignmentsJson, readTargets, type Target } from "./assignments.js";

const service = Service.intune;

/** What every policy of Intune has beside its settings. */
export interface PolicyRow extends Row {
  readonly targets: readonly Target[];
}

export interface PolicyKind<T extends PolicyRow> {
  /** Name of the collection below `/deviceManagement`. */
  readonly collection: string;
  readonly table: Table<T>;
  /** Missing = both versions. */
  readonly only?: Version;
  /** `@odata.type` of an assignment. */
  readonly assignmentType: string;
  /** `assign` answers 204, or 200 with what is assigned now (graph.md §2.0). Default `nothing`. */
  readonly assignAnswers?: "nothing" | "assignments";
  readonly project: (row: T) => Json;
  /** What can be expanded beside the assignments. */
  readonly expand?: Expanders<T>;
  /** The row of a POST. Throws 400. */
  readonly create: (request: GraphRequest) => T;
  /** The row after a PATCH. Throws 400. */
  readonly change: (row: T, request: GraphRequest) => T;
  /** Lets devices know what the policy says and whom it means. */
  readonly apply?: (row: T) => void;
  /** Lets devices know that it is gone. */
  readonly forget?: (id: string) => void;
}

/** The calls that all policies of Intune share: list, create, read, change, delete, assign (graph.md §2.0–2.8). */
export class PolicyArea<T extends PolicyRow> {
  readonly path: string;
  readonly #context: string;
  readonly #expand: Expanders<T>;

  /** Applies the policies kept from before. */
  constructor(
    private readonly world: World,
    private readonly kind: PolicyKind<T>,
  ) {
    this.path = `/deviceManagement/${kind.collection}`;
    this.#context = `deviceManagement/${kind.collection}`;
    this.#expand = { ...kind.expand, assignments: (row) => ({ assignments: this.#assignments(row) }) };
    for (const row of kind.table.all()) kind.apply?.(row);
  }

  routes(): Route[] {
    const item = `${this.path}/{id}`;
    const { table } = this.kind;
    const shape = { project: this.kind.project, context: this.#context, expand: this.#expand };
    return [
      this.read(this.path, (request) => answerList(request, { ...shape, rows: table.visibleAll() })),
      this.write("POST", this.path, (request) => created(this.entity(request, this.save(this.kind.create(request))))),
      this.read(item, (request) => answerItem(request, visible(table, service, request.params.id), shape)),
      this.write("PATCH", item, (request) => {
        const changed = this.kind.change(this.of(request), request);
        return ok(this.entity(request, this.save(changed)));
      }),
      this.write("DELETE", item, (request) => this.#remove(request)),
      this.read(`${item}/assignments`, (request) => this.#answerAssignments(request, this.of(request))),
      this.write("POST", `${item}/assign`, (request) => this.#assign(request)),
    ];
  }

  /** A further call that reads. */
  read(path: string, handle: Route["handle"]): Route {
    return { ...this.#limits(), needs: needs.readConfiguration, method: "GET", path, handle };
  }

  /** A further call that changes something. */
  write(method: Route["method"], path: string, handle: Route["handle"]): Route {
    return { ...this.#limits(), needs: needs.writeConfiguration, method, path, handle };
  }

  /** The policy that a request names. Throws 404. */
  of(request: GraphRequest): T {
    return known(this.kind.table, service, request.params.id);
  }

  save(row: T): T {
    this.kind.table.set(row);
    this.kind.apply?.(row);
    return row;
  }

  entity(request: GraphRequest, row: T): Json {
    return { "@odata.context": `${request.root}/$metadata#${this.#context}/$entity`, ...this.kind.project(row) };
  }

  #remove(request: GraphRequest): GraphResponse {
    const { id } = this.of(request);
    this.kind.table.delete(id);
    this.kind.forget?.(id);
    return noContent();
  }

  #assign(request: GraphRequest): GraphResponse {
    const row = this.save({ ...this.of(request), targets: readTargets(this.world, request.body) });
    return this.kind.assignAnswers === "assignments" ? this.#answerAssignments(request, row) : noContent();
  }

  #answerAssignments(request: GraphRequest, row: T): GraphResponse {
    const context = `${this.#context}('${row.id}')/assignments`;
    return ok({ "@odata.context": `${request.root}/$metadata#${context}`, value: this.#assignments(row) });
  }

  #assignments(row: T): Json[] {
    return assignmentsJson(row.id, this.kind.assignmentType, row.targets);
  }

  #limits(): { service: Service; only?: Version } {
    return { service, ...(this.kind.only === undefined ? {} : { only: this.kind.only }) };
  }
}
