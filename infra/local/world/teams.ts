import { Role } from "../../../shared/access/roles.js";
import { Pace, TeamsPage } from "../teams-page/server.js";
import { MAILBOX, type Tenant } from "../tenant/index.js";
import type { Clock } from "../time/clock.js";
import type { Timeline } from "../time/timeline.js";
import type { HostProcess } from "./host-process.js";

/** Domain seconds per real second while somebody has slowed accelerated time down: questions wait for people. */
const SLOW_SPEED = 60;

/** Settings that connect the app to the tenant's Teams; none where there is no Teams. `port` is the app's. */
export function teamsSettings({ teams, credentials, authorityUrl }: Tenant, port: number): Record<string, string> {
  if (teams === undefined) return {};
  return {
    BOT_APP_ID: teams.bot.appId,
    BOT_APP_SECRET: teams.bot.appSecret,
    BOT_TENANT_ID: credentials.tenantId,
    BOT_AUTHORITY: authorityUrl,
    BOT_METADATA_URL: teams.metadataUrl,
    TEAMS_SERVICE_URL: teams.serviceUrl,
    TEAMS_CHANNEL_ID: teams.channelId,
    TEAMS_APPROVERS: teams.people.flatMap(({ oid, role }) => (role === Role.approver ? [oid] : [])).join(","),
    TEAMS_WORKFLOW_URL: teams.workflowUrl,
    MAIL_SENDER: MAILBOX,
    CONSOLE_URL: `http://127.0.0.1:${port}/`,
  };
}

/** Registers the bot's endpoint with Teams and opens the page of its people, on the port after the app's if it can. */
export async function openTeamsPage(options: {
  tenant: Tenant;
  clock: Clock;
  host: HostProcess;
  /** The function key, with which the console opens. */
  key: string;
  timeline: Timeline | undefined;
  /** Domain milliseconds per real millisecond; absent where time is not paced. */
  speed: number | undefined;
  /** The app's port, if it is a chosen one. */
  port: number | undefined;
}): Promise<TeamsPage | undefined> {
  const { tenant, clock, host, key, timeline, speed, port } = options;
  const { teams } = tenant;
  if (teams === undefined) return undefined;
  teams.endpoint = `${host.url}/api/messages`;
  return TeamsPage.listen({
    teams,
    mails: () => tenant.mails,
    now: () => clock.now(),
    console: { url: `${host.url}/`, key },
    ...(timeline === undefined || speed === undefined ? {} : { pace: paceOf(timeline, speed) }),
    ...(port === undefined ? {} : { port: port + 1 }),
  });
}

function paceOf(timeline: Timeline, speed: number) {
  let pace: Pace = Pace.full;
  return {
    get: () => pace,
    set: (wanted: Pace) => {
      pace = wanted;
      timeline.speed = wanted === Pace.slow ? Math.min(SLOW_SPEED, speed) : speed;
    },
  };
}
