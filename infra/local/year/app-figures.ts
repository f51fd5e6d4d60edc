import { type AntivirusReport, antivirusReport } from "../../../shared/antivirus/freshness.js";
import { iso } from "../../../shared/calendar/days.js";
import { edgeReport } from "../../../shared/edge/report.js";
import type { AutopatchGroup } from "../../../shared/groups/group.js";
import { OFFICE_SLO_PERCENT, officeReport } from "../../../shared/microsoft-365-apps/report.js";
import { type TeamsReport, teamsReport } from "../../../shared/teams-client/report.js";
import type { Apps } from "./apps.js";
import type { Register } from "./register.js";
import { type Share, share } from "./share.js";

/** Days after which definitions are stale, as the app's settings have it by default. */
const STALE_DAYS = 7;

/** Microsoft 365 Apps at an instant; shares are of eligible devices (autopatch.md §8.1). */
export interface OfficeFigure {
  readonly at: string;
  /** The newest monthly version: `2404`. */
  readonly version: string;
  readonly supported: Share;
  readonly newest: Share;
}

/** Edge at the end of a week; shares are of devices on the channel of their ring (§8.2). */
export interface EdgeFigure {
  readonly at: string;
  readonly newest: Share;
  /** On the newest version or the one before. */
  readonly recent: Share;
}

/** What a year of daily inventories has come to. */
export interface AppsYear {
  readonly office: {
    /** The last look at every monthly version as the newest one. */
    readonly months: readonly OfficeFigure[];
    readonly weeks: readonly OfficeFigure[];
    readonly days: number;
    readonly daysBelowObjective: number;
  };
  readonly edge: { readonly weeks: readonly EdgeFigure[] };
  /** At the end of the year. */
  readonly teams: TeamsReport;
  readonly antivirus: AntivirusReport;
}

/** The daily look at the apps of a group, with the reports of the product. */
export class AppFigures {
  readonly #group: AutopatchGroup;
  readonly #months = new Map<string, OfficeFigure>();
  readonly #weeks: OfficeFigure[] = [];
  readonly #edge: EdgeFigure[] = [];
  #days = 0;
  #below = 0;

  constructor(group: AutopatchGroup) {
    this.#group = group;
  }

  /** Looks at `now` (ms), once a day. */
  lookAt(apps: Apps, register: Register, now: number): void {
    const devices = apps.devices(register, now);
    const { office: list, edge } = apps.lists(now);
    const office = officeReport({ rings: [], pins: {}, devices, list, now });
    const { newest, eligible } = office;
    if (newest === null || eligible === 0) return;
    const figure: OfficeFigure = {
      ...{ at: iso(now), version: newest.name },
      supported: share(office.onSupported, eligible, OFFICE_SLO_PERCENT),
      newest: share(office.onNewest, eligible),
    };
    this.#days++;
    if (!figure.supported.met) this.#below++;
    this.#months.set(newest.name, figure);
    if (!isSunday(now)) return;
    this.#weeks.push(figure);
    const { rings } = edgeReport(this.#group, devices, edge, now);
    const sum = (count: (ring: (typeof rings)[number]) => number) => rings.reduce((all, ring) => all + count(ring), 0);
    const [onChannel, onNewest] = [sum((ring) => ring.onChannel), sum((ring) => ring.onNewest)];
    const recent = onNewest + sum((ring) => ring.onPrevious);
    this.#edge.push({ at: iso(now), newest: share(onNewest, onChannel), recent: share(recent, onChannel) });
  }

  /** All figures, those of the end of the year as of `now` (ms). */
  year(apps: Apps, register: Register, now: number): AppsYear {
    const devices = apps.devices(register, now);
    return {
      office: {
        months: [...this.#months.values()],
        weeks: this.#weeks,
        ...{ days: this.#days, daysBelowObjective: this.#below },
      },
      edge: { weeks: this.#edge },
      teams: teamsReport(devices),
      antivirus: antivirusReport(devices, now, STALE_DAYS),
    };
  }
}

function isSunday(at: number): boolean {
  return new Date(at).getUTCDay() === 0;
}
