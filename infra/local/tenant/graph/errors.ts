import { ServiceError } from "../service-error.js";

/** Which service behind Graph answers: they word errors differently (graph.md §6.1). */
export const Service = { directory: "directory", intune: "intune", updates: "updates" } as const;
export type Service = (typeof Service)[keyof typeof Service];

/** A request refused the way Graph refuses it. */
export class GraphFault extends ServiceError {}

export function badRequest(message: string, code = "BadRequest"): GraphFault {
  return new GraphFault(400, code, message);
}

export function forbidden(service: Service): GraphFault {
  return service === Service.directory
    ? new GraphFault(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    : new GraphFault(403, "Forbidden", "Application is not authorized to perform this operation.");
}

export function notFound(service: Service, id: string): GraphFault {
  return service === Service.directory
    ? new GraphFault(
        404,
        "Request_ResourceNotFound",
        `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
      )
    : new GraphFault(404, "ResourceNotFound", `Resource '${id}' was not found.`);
}

/** The error envelope. Intune packs a JSON text into `message`. */
export function errorBody(
  fault: GraphFault,
  service: Service,
  ids: { date: string; request: string; client: string },
): object {
  const packed = { _version: 3, Message: fault.message, CustomApiErrorPhrase: "", RetryAfter: null };
  const details = { ErrorSourceService: "", HttpHeaders: "{}" };
  const message = service === Service.intune ? JSON.stringify({ ...packed, ...details }) : fault.message;
  const innerError = { date: ids.date, "request-id": ids.request, "client-request-id": ids.client };
  return { error: { code: fault.code, message, innerError } };
}
