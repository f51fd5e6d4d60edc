import { z } from "zod";
import { instant } from "../schema.js";
import { incidentShape } from "./shape.js";

/** What `incidentView` gives. */
export const incidentSchema = z
  .object({ ...incidentShape(instant), status: z.enum(["open", "closed"]), summary: z.string() })
  .meta({ id: "Incident" });
