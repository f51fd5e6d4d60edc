import { describe, expect, it } from "vitest";
import { needsApproval } from "../../../../shared/expedites/approval.js";
import { readKev } from "../../../../shared/expedites/kev.js";
import { readDocuments, readVulnerabilities } from "../../../../shared/expedites/msrc.js";
import { matchKev, matchMsrc } from "../../../../shared/expedites/watch.js";
import { APRIL, MAY, OOB } from "./catalogue.js";

const document = {
  DocumentTracking: { CurrentReleaseDate: "2025-05-13T07:00:00Z" },
  Vulnerability: [
    {
      CVE: "CVE-2025-30400",
      Threats: [
        { Type: 3, Description: { Value: "Important" } },
        { Type: 1, Description: { Value: "Publicly Disclosed:No;Exploited:Yes;DOS:N/A" } },
      ],
      Remediations: [
        { Type: 2, Description: { Value: "5058405" }, FixedBuild: "10.0.22631.8405" },
        { Type: 2, Description: { Value: "Release Notes" } },
        { Type: 5, Description: { Value: "5050000" } },
      ],
    },
    { CVE: "CVE-2025-2", Threats: [{ Type: 3, Description: { Value: "Critical" } }], Remediations: null },
    { CVE: "CVE-2025-3", Threats: [{ Type: 1, Description: { Value: "Publicly Disclosed:Yes;Exploited:No" } }, "odd"] },
    { Title: { Value: "without a number" } },
    null,
  ],
};

describe("documents of the MSRC", () => {
  const entry = { ID: "2025-May", CurrentReleaseDate: "2025-05-13T07:00:00Z" };
  it.each([
    ["wrapped", { value: [entry] }],
    ["bare", [entry]],
    ["in camel case", { value: [{ id: "2025-May", currentReleaseDate: entry.CurrentReleaseDate, severity: null }] }],
    ["among others that cannot be read", [entry, null, { ID: 7 }]],
  ])("are listed when they come %s", (_how, body) => {
    expect(readDocuments(body)).toEqual([{ id: "2025-May", currentReleaseDate: entry.CurrentReleaseDate }]);
  });

  it("say what is exploited, what is critical and what mends it; the rest is left out", () => {
    expect(readVulnerabilities(document)).toEqual([
      { cve: "CVE-2025-30400", exploited: true, critical: false, kbs: ["KB5058405"], builds: ["10.0.22631.8405"] },
      { cve: "CVE-2025-2", exploited: false, critical: true, kbs: [], builds: [] },
      { cve: "CVE-2025-3", exploited: false, critical: false, kbs: [], builds: [] },
    ]);
  });

  it("are refused when they are something else", () => {
    expect(() => readVulnerabilities({ error: "no" })).toThrow();
    expect(() => readDocuments("<xml/>")).toThrow();
  });
});

describe("a candidate becomes urgent", () => {
  const recent = [MAY, OOB, APRIL];
  const RULE = "exploitedOrCritical";
  const urgent = (found: ReturnType<typeof matchMsrc>) => found.map(({ update, cves }) => [update.shortName, cves]);
  const vulnerability = { cve: "CVE-1", exploited: true, critical: false, kbs: ["KB5058405"], builds: [] };

  it("by the article or build of an exploited or critical vulnerability's fix", () => {
    const byBuild = {
      ...vulnerability,
      cve: "CVE-2",
      exploited: false,
      critical: true,
      kbs: [],
      builds: ["10.0.22631.8919"],
    };
    expect(urgent(matchMsrc(recent, [vulnerability, byBuild], RULE))).toEqual([
      ["2025.05 B", ["CVE-1"]],
      ["2025.04 OOB", ["CVE-2"]],
    ]);
  });

  it("by no critical one where the rule asks for exploited ones", () => {
    const found = [{ ...vulnerability, exploited: false, critical: true }];
    expect(matchMsrc(recent, found, RULE)).toMatchObject([{ update: MAY, exploited: false }]);
    expect(matchMsrc(recent, found, "exploited")).toEqual([]);
  });

  it("by nothing that is neither, and by no fix that cannot be expedited any more", () => {
    expect(matchMsrc(recent, [{ ...vulnerability, exploited: false }], RULE)).toEqual([]);
    expect(matchMsrc(recent, [{ ...vulnerability, kbs: ["KB5055528"] }], RULE)).toEqual([]);
  });

  it("by CISA's list, through the update catalogue or what the MSRC said of the vulnerability", () => {
    expect(urgent(matchKev(recent, ["CVE-2025-30400", "CVE-9"], {}))).toEqual([["2025.05 B", ["CVE-2025-30400"]]]);
    expect(urgent(matchKev(recent, ["CVE-9"], { "CVE-9": ["KB5058919"] }))).toEqual([["2025.04 OOB", ["CVE-9"]]]);
  });
});

it("CISA's list is read as far as it is about Windows", () => {
  const entry = (cveID: string, product: string) => ({ cveID, vendorProject: "Microsoft", product });
  const body = {
    catalogVersion: "2025.05.13",
    vulnerabilities: [entry("cve-2025-30400", "Windows"), entry("CVE-2025-1", "Office"), null],
  };
  expect(readKev(body)).toEqual({ version: "2025.05.13 3", cves: ["CVE-2025-30400"] });
});

describe("people are asked", () => {
  it.each([
    ["always", MAY, "kev", true],
    ["never", APRIL, "api", false],
    ["automaticForExploited", MAY, "webhook", false],
    ["automaticForExploited", APRIL, "msrc", true],
    ["automaticForExploited", APRIL, "kev", false],
  ] as const)("with %s about %j from %s: %s", (rule, update, source, asked) => {
    expect(needsApproval(rule, update, source)).toBe(asked);
  });
});
