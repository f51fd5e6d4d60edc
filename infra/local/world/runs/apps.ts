import { DAY_MS } from "../../../../shared/calendar/days.js";
import type { AppsOverview } from "../../../../shared/inventory/overview.js";
import { Workload } from "../../../../shared/updates/update.js";
import type { FollowedApp } from "../../fleet/index.js";
import { edgeReleases, officeReleases } from "../../tenant/feeds/app-versions.js";
import type { Managed } from "../seed.js";
import { oldestOf, type RingVersions, RunWorkload, type WorkloadRun } from "./run.js";

/** Publications from here on; the first one is what the run is about. */
const SINCE = Date.parse("2024-06-11T00:00:00Z");

/** The first monthly version of Office that is published after the sample group allows it. */
export function officeRun(): WorkloadRun {
  const published = officeReleases(SINCE + 31 * DAY_MS).find(({ publishedAt }) => publishedAt >= SINCE);
  return appRun({
    ...{
      run: RunWorkload.m365,
      workload: Workload.microsoft365Apps,
      app: "office",
      managed: { microsoft365Apps: true },
    },
    published,
    isIt: () => true,
    versionsOf: officeVersions,
  });
}

/** The first version of Edge's Stable channel that is published after the sample group allows it; Test has Beta. */
export function edgeRun(): WorkloadRun {
  const published = edgeReleases("Stable", SINCE + 31 * DAY_MS).find(({ publishedAt }) => publishedAt >= SINCE);
  return appRun({
    ...{ run: RunWorkload.edge, workload: Workload.edge, app: "edge", managed: { edge: true } },
    published,
    isIt: (channel) => channel === "stable",
    versionsOf: ({ edge }) =>
      edge.rings.map(({ ring, channel, newest, previous, onNewest, onPrevious, onChannel }) => {
        const names = { target: newest?.version ?? null, previous: previous?.version ?? null };
        return { ring, channel, ...names, onTarget: onNewest, onPrevious, devices: onChannel };
      }),
  });
}

interface AppRun {
  readonly run: RunWorkload;
  readonly workload: Workload;
  readonly app: FollowedApp;
  readonly managed: Managed;
  readonly published: { readonly version: string; readonly publishedAt: number } | undefined;
  /** Whether it is the channel of the version. */
  readonly isIt: (channel: string) => boolean;
  /** What the app says of the sample group's rings. */
  readonly versionsOf: (overview: AppsOverview) => readonly RingVersions[];
}

function officeVersions({ microsoft365Apps: { newest, supported, rings } }: AppsOverview): RingVersions[] {
  const previous = supported.find(({ version }) => version !== newest?.version);
  const names = { target: newest?.name ?? null, previous: previous?.name ?? null };
  return rings.map(({ ring, eligible, onNewest, onSupported }) => ({
    ...{ ring, channel: "Monthly Enterprise", ...names, devices: eligible },
    ...{ onTarget: onNewest, onPrevious: onSupported - onNewest },
  }));
}

/** The group is set up at midnight before the publication. */
function appRun({ run, workload, app, managed, published, isIt, versionsOf }: AppRun): WorkloadRun {
  if (published === undefined) throw new Error("The list of versions ends too early.");
  const { version, publishedAt } = published;
  return {
    workload: run,
    startedAt: Math.floor(publishedAt / DAY_MS) * DAY_MS,
    update: version,
    managed,
    find: (releases) =>
      oldestOf(releases, workload).find(({ update }) =>
        update.revisions.some((revision) => revision.build === version && isIt(revision.version)),
      ),
    truth: ({ apps }) => apps.truth(app, version),
    versions: async ({ api }) => versionsOf(await api.get<AppsOverview>("/groups/workforce/apps")),
  };
}
