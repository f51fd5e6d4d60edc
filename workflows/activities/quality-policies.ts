import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { applyQualityPolicies, Scope } from "../../shared/quality-policies/apply.js";
import { activity } from "../durable.js";

/** Brings quality update policies and what was decided in them to the tenant. */
export const applyPolicies = activity({
  name: "applyQualityPolicies",
  input: z.object({ scope: z.enum(Scope) }),
  run: ({ scope }) => applyQualityPolicies(graphClient(), clock.now(), scope),
});
