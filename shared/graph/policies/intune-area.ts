import { z } from "zod";
import { type Graph, INTUNE } from "../graph.js";
import { created, named } from "../lenient.js";
import { segment } from "../odata.js";
import { assignBody, assignmentsSchema } from "./assignments.js";
import {
  type DesiredPolicy,
  type FoundPolicy,
  PAGE_SIZE,
  type PolicyArea,
  type PolicyKind,
  type Values,
} from "./types.js";

/** What the collections of Intune do differently (graph.md §2.0–2.5). */
export interface IntuneCollection {
  readonly kinds: readonly PolicyKind[];
  /** Below /deviceManagement. */
  readonly path: string;
  /** `@odata.type` that a body has to name. */
  readonly type: string;
  readonly filter?: string;
  readonly fixed?: readonly string[];
  /** `@odata.type` of an assignment, where the body of `assign` has to name it. */
  readonly assignmentType?: string;
  /** The values as Graph takes them; default: as they are. */
  readonly body?: (values: Values) => Values;
}

const identity = {
  ...named,
  assignments: assignmentsSchema,
};
const foundSchema = z.looseObject(identity).transform(foundPolicy);

/** A collection whose policies carry their settings as properties. */
export function intuneArea(collection: IntuneCollection): PolicyArea {
  const path = `${INTUNE}/${collection.path}`;
  const one = (policyId: string) => `${path}/${segment(policyId)}`;
  const body = ({ name, description, values }: DesiredPolicy) => ({
    "@odata.type": collection.type,
    displayName: name,
    description,
    ...(collection.body?.(values) ?? values),
  });
  const filter = collection.filter === undefined ? {} : { $filter: collection.filter };
  const query = { ...filter, $expand: "assignments", $top: PAGE_SIZE };
  const listed = { path, query, schema: foundSchema };
  return {
    kinds: collection.kinds,
    fixed: collection.fixed ?? [],
    collection: listed,
    list: (graph) => graph.list(path, listed),
    read: (graph, id) => graph.get(one(id), { query: { $expand: "assignments" }, schema: foundSchema }),
    async create(graph, policy) {
      const answer = await graph.post(path, { ...body(policy), roleScopeTagIds: policy.scopeTagIds });
      return created.safeParse(answer.body).data?.id;
    },
    async change(graph, id, policy) {
      await graph.patch(one(id), without(body(policy), collection.fixed ?? []));
    },
    async assign(graph: Graph, id: string, included: readonly string[], excluded: readonly string[]) {
      await graph.post(`${one(id)}/assign`, assignBody(included, excluded, collection.assignmentType));
    },
    async remove(graph, id) {
      await graph.delete(one(id));
    },
  };
}

function foundPolicy(given: z.output<z.ZodObject<typeof identity, z.core.$loose>>): FoundPolicy {
  const { id, displayName, description, createdDateTime, assignments, ...values } = given;
  return { id, displayName, description, createdDateTime, values, ...assignments };
}

function without(properties: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}
