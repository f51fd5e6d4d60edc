import { z } from "zod";
import { recorded } from "../schema.js";
import type { WhatIfAnswer } from "./answer.js";
import { whatIfRunSchema } from "./store.js";

/** A run as the API shows it, with its result once it is finished. */
export const whatIfSchema = whatIfRunSchema
  .omit({ base: true, done: true, total: true })
  .extend({
    progress: z.object({ done: z.int(), total: z.int(), percent: z.int() }),
    statusUrl: z.string(),
    reportUrl: z.string(),
    result: recorded<WhatIfAnswer>("Figures of every candidate in every case, with confidence intervals.").optional(),
  })
  .meta({ id: "WhatIf" });
