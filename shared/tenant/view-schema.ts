import { z } from "zod";
import { assessmentSchema } from "./assessments.js";
import { tenantStateSchema } from "./schema.js";

/** What `tenantView` gives. */
export const tenantViewSchema = tenantStateSchema
  .extend({
    currentTerms: z.object({ version: z.string(), text: z.array(z.string()) }),
    actions: z
      .array(
        z.object({
          name: z.string(),
          severity: z.enum(["critical", "advisory"]),
          message: z.string(),
          todo: z.string().optional(),
        }),
      )
      .describe("What an administrator has to do in tenant management."),
  })
  .meta({ id: "Tenant" });

/** The newest readiness assessment and those before it. */
export const assessmentsSchema = assessmentSchema.extend({ earlier: z.array(assessmentSchema) });

/** What `entitlementOf` gives. */
export const entitlementSchema = z
  .object({
    licensed: z.boolean(),
    intune: z.boolean(),
    supportRequests: z.boolean(),
    recognised: z.array(z.object({ name: z.string(), partNumber: z.string(), skuId: z.string() })),
    byServicePlan: z.array(z.string()),
  })
  .meta({ id: "Entitlement" });
