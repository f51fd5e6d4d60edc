/** When Microsoft stops servicing a Windows version; dates are the last day, UTC (Microsoft Lifecycle, 2026-11). */
export interface ServicedVersion {
  /** `26100` is Windows 11 24H2. */
  readonly build: number;
  readonly name: string;
  /** Pro, Pro Education, Pro for Workstations. */
  readonly pro: string;
  /** Enterprise, Education, IoT Enterprise; of a build with a Long-Term Servicing Channel, the end of that. */
  readonly enterprise: string;
}

export const WINDOWS_VERSIONS: readonly ServicedVersion[] = [
  { build: 17763, name: "Windows 10 1809", pro: "2020-11-10", enterprise: "2029-01-09" },
  { build: 18363, name: "Windows 10 1909", pro: "2021-05-11", enterprise: "2022-05-10" },
  { build: 19041, name: "Windows 10 2004", pro: "2021-12-14", enterprise: "2021-12-14" },
  { build: 19042, name: "Windows 10 20H2", pro: "2022-05-10", enterprise: "2023-05-09" },
  { build: 19043, name: "Windows 10 21H1", pro: "2022-12-13", enterprise: "2022-12-13" },
  { build: 19044, name: "Windows 10 21H2", pro: "2023-06-13", enterprise: "2027-01-12" },
  { build: 19045, name: "Windows 10 22H2", pro: "2025-10-14", enterprise: "2025-10-14" },
  { build: 22000, name: "Windows 11 21H2", pro: "2023-10-10", enterprise: "2024-10-08" },
  { build: 22621, name: "Windows 11 22H2", pro: "2024-10-08", enterprise: "2025-10-14" },
  { build: 22631, name: "Windows 11 23H2", pro: "2025-11-11", enterprise: "2026-11-10" },
  { build: 26100, name: "Windows 11 24H2", pro: "2026-10-13", enterprise: "2029-10-09" },
  { build: 26200, name: "Windows 11 25H2", pro: "2027-10-12", enterprise: "2028-10-10" },
];

const NEWEST = Math.max(...WINDOWS_VERSIONS.map(({ build }) => build));

/**
 * What is wrong with a Windows version on a day, undefined when it is serviced. Builds newer than the table are: they
 * came after it was written.
 * @param build the version's build, e.g. 26100
 * @param proEdition whether the edition is one of the Pro family, whose servicing ends earlier
 * @param now ms
 */
export function servicingProblem(build: number, proEdition: boolean, now: number): string | undefined {
  if (build > NEWEST) return undefined;
  const version = WINDOWS_VERSIONS.find((candidate) => candidate.build === build);
  if (version === undefined) return `build ${build} is no version that Microsoft services`;
  const end = proEdition ? version.pro : version.enterprise;
  return now < Date.parse(`${end}T00:00:00Z`) + 86_400_000 ? undefined : `${version.name} was serviced until ${end}`;
}
