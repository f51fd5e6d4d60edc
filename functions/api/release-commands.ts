import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { monitoringRuleSchema } from "../../shared/groups/group.js";
import { commandKey, type LoggedCommand, logCommand } from "../../shared/releases/commands.js";
import { refuseUnderNewer } from "../../shared/releases/newer-release.js";
import { applyReleaseCommand, type ReleaseCommand } from "../../shared/releases/release-commands.js";
import { listReleases, type Release, readRelease } from "../../shared/releases/store.js";
import { versionOf } from "../../shared/releases/version.js";
import { refuseInWorkload } from "../../shared/releases/workload-refusals.js";
import { rouse } from "../../workflows/client.js";
import { RELEASE } from "../../workflows/names.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import type { Reply } from "./reply.js";
import { type Call, json, param, route } from "./route.js";

/** A command that is written down. */
export const commandSchema = z
  .object({
    command: z.string().describe("Its key."),
    kind: z.string(),
    release: z.string().describe("Address of the release."),
  })
  .meta({ id: "Command" });

const ANSWER = { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema } as const;

const commandBody = z.strictObject({
  /** Rings by name; left out: every ring the command applies to. */
  rings: z.array(z.string()).min(1).optional(),
  justification: z.string().max(1000).optional(),
});
const pauseBody = commandBody.extend({
  relatedToWindowsUpdate: z.boolean().optional(),
  details: z.string().max(1000).optional(),
});
const resumeBody = commandBody.extend({ lifts: z.enum(["tenant", "service"]).optional() });
const wholeBody = z.strictObject({ justification: z.string().max(1000).optional() });

interface Offer<B, I, P extends string> {
  readonly kind: Exclude<ReleaseCommand["kind"], "supersede">;
  /** Last word of the path. */
  readonly path: P;
  readonly act: string;
  readonly body: z.core.$ZodType<B, I>;
}

/** Offers a command for a whole release. */
function offer<B extends object, I, const P extends string>({ kind, path, act, body }: Offer<B, I, P>) {
  return route({
    name: nameOf(kind),
    method: "POST",
    path: `releases/{releaseId}/${path}` as const,
    role: "Operator",
    act: `${act} a release`,
    body,
    ifMatch: true,
    answer: ANSWER,
    run: (call: Call<B>) => give(call, commandOf(kind, call)),
  });
}

/** Offers the same for one of its rings. */
function offerRing<B extends object, I, const P extends string>({ kind, path, act, body }: Offer<B, I, P>) {
  return route({
    name: `${nameOf(kind)}Ring`,
    method: "POST",
    path: `releases/{releaseId}/rings/{ring}/${path}` as const,
    role: "Operator",
    act: `${act} a ring`,
    body,
    ifMatch: true,
    answer: ANSWER,
    run: (call: Call<B>) => {
      if (!("rings" in withoutUndefined(call.body)))
        return give(call, { ...commandOf(kind, call), rings: [param(call, "ring")] } as ReleaseCommand);
      const message = "rings: the path names the ring already. Leave the field out.";
      throw new AppError("invalid_input", message, { field: "rings" });
    },
  });
}

const nameOf = (kind: string): string => `releases${kind[0]?.toUpperCase()}${kind.slice(1)}`;

function commandOf(kind: ReleaseCommand["kind"], { actor, body }: Call<object>): ReleaseCommand {
  return { kind, at: clock.now(), by: actor.name, ...withoutUndefined(body) } as ReleaseCommand;
}

const pause = { kind: "pause", path: "pause", act: "pause", body: pauseBody } as const;
const resume = { kind: "resume", path: "resume", act: "resume", body: resumeBody } as const;
const extend = { kind: "extend", path: "extend", act: "extend the pause of", body: commandBody } as const;
const rollBack = { kind: "rollBack", path: "rollback", act: "roll back", body: commandBody } as const;
const proceed = { kind: "proceed", path: "proceed", act: "lift the hold of", body: wholeBody } as const;
const cancel = { kind: "cancel", path: "cancel", act: "cancel", body: wholeBody } as const;

export const releasesPause = offer(pause);
export const releasesPauseRing = offerRing(pause);
export const releasesResume = offer(resume);
export const releasesResumeRing = offerRing(resume);
export const releasesExtend = offer(extend);
export const releasesExtendRing = offerRing(extend);
export const releasesRollBack = offer(rollBack);
export const releasesRollBackRing = offerRing(rollBack);
export const releasesProceed = offer(proceed);
export const releasesCancel = offer(cancel);

/** The reply with an ETag that commands to the release take, however its counts move meanwhile. */
export function decidedOn<T>(reply: Reply<T>, release: Release): Reply<T> {
  return versioned(reply, versionOf(release));
}

/** Throws `stale` where the caller decides on something else than what the release is now. */
export function refuseUndecided(call: Pick<Call<unknown>, "headers">, release: Release): void {
  refuseOtherVersion(call, versionOf(release));
}

/** Refuses at once what the release does not allow, else writes the command and has the release look. */
async function give(call: Call<unknown>, command: ReleaseCommand) {
  const release = await readRelease(param(call, "releaseId"));
  refuseUndecided(call, release);
  refuseInWorkload(release, command.kind);
  applyReleaseCommand(release.state, command);
  if (command.kind === "rollBack") refuseUnderNewer(release, command.rings, await listReleases());
  return accept(call, release.id, command);
}

/** Writes the command first and has the release look after, so that a lost event loses nothing. */
export async function accept(call: Call<unknown>, releaseId: string, command: LoggedCommand["command"]) {
  const { id, name } = call.actor;
  const key = commandKey();
  await logCommand(releaseId, { key, actor: { id, name }, command });
  // A completed release takes up again for a rollback.
  await rouse(call.client, RELEASE, releaseId, { releaseId });
  const location = `/api/v1/releases/${encodeURIComponent(releaseId)}`;
  return { ...json({ command: key, kind: command.kind, release: location }, 202), headers: headers(location) };
}

function headers(location: string) {
  return { "content-type": "application/json", location };
}

const RULE_PATH = "releases/{releaseId}/monitoring-rule";

export const monitoringRuleCreate = route({
  name: "monitoringRuleCreate",
  method: "POST",
  path: RULE_PATH,
  role: "Operator",
  act: "add a monitoring rule",
  body: monitoringRuleSchema,
  ifMatch: true,
  answer: { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema },
  run: async (call) => {
    const release = await readRelease(param(call, "releaseId"));
    if (release.monitoringRule !== null) {
      throw new AppError(
        "conflict",
        `Release ${release.id} has a monitoring rule already, and only one can be active. PUT replaces it.`,
      );
    }
    return setRule(call, call.body, true);
  },
});

export const monitoringRulePut = route({
  name: "monitoringRulePut",
  method: "PUT",
  path: RULE_PATH,
  role: "Operator",
  act: "change the monitoring rule",
  body: monitoringRuleSchema,
  ifMatch: true,
  answer: { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema },
  run: async (call) => setRule(call, call.body),
});

export const monitoringRuleDelete = route({
  name: "monitoringRuleDelete",
  method: "DELETE",
  path: RULE_PATH,
  role: "Operator",
  act: "delete the monitoring rule",
  ifMatch: true,
  answer: { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema },
  run: async (call) => setRule(call, null),
});

async function setRule(call: Call<unknown>, rule: z.infer<typeof monitoringRuleSchema> | null, create = false) {
  const release = await readRelease(param(call, "releaseId"));
  refuseUndecided(call, release);
  if (release.state.phase === "ended") {
    throw new AppError(
      "conflict",
      `Release ${release.id} has ended (${release.state.outcome}); its rule cannot change.`,
    );
  }
  return accept(call, release.id, { kind: "setMonitoringRule", at: clock.now(), rule, create });
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}
