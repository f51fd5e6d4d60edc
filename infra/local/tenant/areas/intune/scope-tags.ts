import { z } from "zod";
import { badRequest, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { created, type GraphRequest, type GraphResponse, type Json, noContent, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { known } from "../rows.js";

const service = Service.intune;
const PATH = "/deviceManagement/roleScopeTags";
const tagSchema = z.object({
  displayName: z.string().min(1).max(128),
  description: z.string().max(1024).nullable().default(null),
});

/** A scope tag; its id is a small number as text, as Intune hands them out. */
interface ScopeTagRow extends z.infer<typeof tagSchema> {
  readonly id: string;
}

/** The tag that everything has which was given no other. */
const DEFAULT: ScopeTagRow = { id: "0", displayName: "Default", description: "Default Role Scope Tag." };
const shape = { project: tagJson, context: "deviceManagement/roleScopeTags" } as const;

/** Scope tags of Intune: `0` is built in, others are made by administrators. */
export function scopeTagRoutes(world: World): Route[] {
  const table = world.store.table<ScopeTagRow>("scopeTags");
  const read = { service, needs: needs.readScopeTags, only: "beta", method: "GET" } as const;
  const write = { service, needs: needs.writeScopeTags, only: "beta" } as const;
  const all = () => [DEFAULT, ...table.all()];
  const tagOf = ({ params }: GraphRequest) => (params.id === "0" ? DEFAULT : known(table, service, params.id));
  const create = (request: GraphRequest): GraphResponse => {
    const body = readBody(tagSchema, request.body);
    const name = body.displayName.toLowerCase();
    if (all().some(({ displayName }) => displayName.toLowerCase() === name)) {
      throw badRequest(`A scope tag with the name '${body.displayName}' already exists.`);
    }
    const row = { id: String(Math.max(...all().map(({ id }) => Number(id))) + 1), ...body };
    table.set(row);
    return created({ "@odata.context": `${request.root}/$metadata#${shape.context}/$entity`, ...tagJson(row) });
  };
  const remove = (request: GraphRequest): GraphResponse => {
    const { id } = tagOf(request);
    if (id === DEFAULT.id) throw badRequest("The default scope tag cannot be deleted.");
    table.delete(id);
    return noContent();
  };
  return [
    { ...read, path: PATH, handle: (request) => answerList(request, { rows: all(), ...shape }) },
    { ...write, method: "POST", path: PATH, handle: create },
    { ...read, path: `${PATH}/{id}`, handle: (request) => answerItem(request, tagOf(request), shape) },
    { ...write, method: "DELETE", path: `${PATH}/{id}`, handle: remove },
  ];
}

function tagJson({ id, displayName, description }: ScopeTagRow): Json {
  return { id, displayName, description, isBuiltIn: id === DEFAULT.id };
}
