import { z } from "zod";

/** A workflow that a call has set going, by its name. */
export const startedSchema = z.object({ started: z.string() });
