import { problemSchema } from "../problem.js";
import type { Operation } from "../route.js";
import type { Json } from "./json.js";
import { operationOf } from "./operation.js";
import { refusalComponents } from "./refusals.js";
import { Schemas } from "./schemas.js";
import { securitySchemes } from "./security.js";
import { TAGS, tagOf } from "./tags.js";

const ABOUT = `Everything that an administrator of Ringmaster can do.

Lists that can grow come in pages: follow \`nextLink\` until there is none. Single resources have an ETag: \`If-None-Match\` saves reading them again, \`If-Match\` on a change refuses it with 412 when somebody else was faster. A POST may carry an \`Idempotency-Key\`: the same call again within a day gives the first answer again. Errors are problem details (RFC 9457) with a stable \`code\`.`;

/** The document in OpenAPI 3.1, made from the schemas that validate. */
export function document(operations: readonly Operation[], { audience }: { readonly audience: string }): Json {
  const schemas = new Schemas();
  const problem = schemas.of(problemSchema, "output");
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = `/api/v1/${operation.path}`;
    const methods = paths[path] ?? {};
    methods[operation.method.toLowerCase()] = operationOf(operation, schemas);
    paths[path] = methods;
  }
  const tags = [...new Set(operations.map(tagOf))].sort();
  return {
    openapi: "3.1.1",
    info: {
      title: "Ringmaster",
      version: "1",
      summary: "Windows Autopatch as software an organisation runs itself",
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The app that serves this document" }],
    tags: tags.map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      schemas: schemas.components(),
      responses: refusalComponents(problem),
      securitySchemes: securitySchemes(audience),
    },
  };
}
