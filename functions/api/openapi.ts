import { config } from "../../shared/config.js";
import { document } from "./openapi/document.js";
import { json, operations, route } from "./route.js";

let made: string | undefined;

export const openapiGet = route({
  name: "openapiGet",
  method: "GET",
  path: "openapi.json",
  role: "Reader",
  act: "read what can be called",
  answer: { about: "This document: every operation of the API.", type: "application/json", etag: true },
  run: async () => {
    made ??= JSON.stringify(document(operations(), { audience: config().API_AUDIENCE }));
    return { ...json(null), body: made };
  },
});
