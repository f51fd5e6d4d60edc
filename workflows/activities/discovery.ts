import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { type SurveyResult, surveyDevices } from "../../shared/registration/discover.js";
import { type FillResult, fillRings } from "../../shared/registration/fill.js";
import { activity } from "../durable.js";

/** Brings the register up to date; all active groups when none is named. */
export const surveyActivity = activity({
  name: "surveyDevices",
  input: z.object({ groupIds: z.array(z.string()).optional(), daily: z.boolean().optional() }),
  run: async ({ groupIds, daily }, { at }): Promise<SurveyResult> => {
    const result = await surveyDevices({ scope: groupIds, daily });
    if (result.changed > 0 || result.missing.length > 0) {
      const target = groupIds === undefined ? "tenant" : `groups/${groupIds.join(",")}`;
      await audit({ at, actor: SERVICE, action: "devices.discover", target, evidence: { ...result }, key: target });
    }
    return result;
  },
});

/** One step of moving a group's devices into their rings. */
export const fillActivity = activity({
  name: "fillRings",
  input: z.object({ groupId: z.string() }),
  run: async ({ groupId }, { at }): Promise<FillResult> => {
    const result = await fillRings(groupId);
    if (result.added + result.removed + result.adopted > 0) {
      const target = `group/${groupId}`;
      await audit({ at, actor: SERVICE, action: "group.members", target, evidence: { ...result }, key: groupId });
    }
    return result;
  },
});
