import type { CatalogueEntry } from "../catalogue/entry.js";
import type { Json } from "../graph/types.js";
import { dateText, type World } from "../world.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Security updates published by now, by the id of their document: `2024-Jun`. */
function byMonth({ catalogue, clock }: World): Map<string, CatalogueEntry[]> {
  const months = new Map<string, CatalogueEntry[]>();
  for (const entry of catalogue.published(clock.now())) {
    if (entry.severity === null) continue;
    const [year = "", month = ""] = entry.date.split("-");
    const id = `${year}-${MONTHS[Number(month) - 1]}`;
    months.set(id, [...(months.get(id) ?? []), entry]);
  }
  return months;
}

/** The list of documents; each is revised with every update of its month. */
export function msrcList(world: World): Json {
  const value = [...byMonth(world)].map(([id, entries]) => ({ ID: id, Alias: id, ...tracking(id, entries) }));
  return { "@odata.context": "https://api.msrc.microsoft.com/cvrf/v3.0/$metadata#Updates", value };
}

function tracking(id: string, entries: readonly CatalogueEntry[]) {
  const instants = entries.map(({ publishedAt }) => publishedAt);
  return {
    DocumentTitle: `${id} Security Updates`,
    Severity: null,
    InitialReleaseDate: dateText(Math.min(...instants)),
    CurrentReleaseDate: dateText(Math.max(...instants)),
  };
}

/** The document of a month; undefined before its first update. */
export function msrcDocument(world: World, id: string): Json | undefined {
  const entries = byMonth(world).get(id);
  if (entries === undefined) return undefined;
  const { InitialReleaseDate, CurrentReleaseDate, DocumentTitle } = tracking(id, entries);
  return {
    DocumentTitle: { Value: DocumentTitle },
    DocumentTracking: { Identification: { ID: { Value: id } }, Status: 2, InitialReleaseDate, CurrentReleaseDate },
    Vulnerability: [...entries.flatMap(vulnerabilities), ...elsewhere(id)],
  };
}

/** What an update closes: the exploited vulnerabilities of the catalogue, and one of the greatest severity that is not. */
function vulnerabilities(entry: CatalogueEntry): Json[] {
  const { severity, date } = entry;
  const exploited = (severity?.exploitedCves ?? []).map(({ number }) =>
    vulnerability(number, entry, "Important", true),
  );
  const worst = severity?.maxSeverity === "critical" ? "Critical" : "Important";
  const quiet = `CVE-${date.slice(0, 4)}-${date.slice(5).replace("-", "")}0`;
  return [...exploited, vulnerability(quiet, entry, worst, false)];
}

function vulnerability(cve: string, { revisions }: CatalogueEntry, severity: string, exploited: boolean): Json {
  const detection = exploited ? "Exploitation Detected" : "Exploitation Less Likely";
  const status = `Publicly Disclosed:No;Exploited:${exploited ? "Yes" : "No"};Latest Software Release:${detection};DOS:N/A`;
  return {
    CVE: cve,
    Title: { Value: "Windows Kernel Elevation of Privilege Vulnerability" },
    Threats: [
      { Type: 0, Description: { Value: "Elevation of Privilege" } },
      { Type: 3, Description: { Value: severity } },
      { Type: 1, Description: { Value: status } },
    ],
    Remediations: [
      ...revisions.map(({ kb, build }) => ({
        Type: 2,
        SubType: "Security Update",
        Description: { Value: kb.slice(2) },
        FixedBuild: build,
        RestartRequired: { Value: "Yes" },
      })),
      { Type: 2, Description: { Value: "Release Notes" } },
    ],
  };
}

/** Every month has vulnerabilities of other products, some of them exploited. */
function elsewhere(id: string): Json[] {
  const threat = { Type: 1, Description: { Value: "Publicly Disclosed:Yes;Exploited:Yes" } };
  const Remediations = [{ Type: 2, Description: { Value: "Click to Run" }, FixedBuild: null }];
  return [{ CVE: `CVE-${id.slice(0, 4)}-0001`, Title: { Value: "Microsoft Excel" }, Threats: [threat], Remediations }];
}
