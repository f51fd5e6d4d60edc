import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKev } from "../../../../../shared/expedites/kev.js";
import { readDocuments, readVulnerabilities } from "../../../../../shared/expedites/msrc.js";
import { TestTenant } from "./support.js";

const MSRC = "/cvrf/v3.0";
const KEV = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start({ at: "2024-06-11T16:59:00Z" });
});
afterAll(() => test?.discard());

const json = async (path: string) => (await test.send("GET", path, "", {})).json as unknown;
/** What the update catalogue says is exploited, of all that it shows. */
async function exploited(): Promise<string[]> {
  const { json: page } = await test.get(
    "/beta/admin/windows/updates/catalog/entries?$orderby=releaseDateTime desc&$top=6",
  );
  const entries = page.value as { cveSeverityInformation: { exploitedCves: { number: string }[] } | null }[];
  return entries.flatMap((entry) => (entry.cveSeverityInformation?.exploitedCves ?? []).map(({ number }) => number));
}

describe("the public lists of vulnerabilities", () => {
  it("know nothing of an update that is not published yet", async () => {
    expect(readDocuments(await json(`${MSRC}/updates`)).map(({ id }) => id)).not.toContain("2024-Jun");
    expect((await test.send("GET", `${MSRC}/cvrf/2024-Jun`, "", {})).status).toBe(404);
  });

  it("agree with the update catalogue once it is", async () => {
    test.pass(60);
    const list = readDocuments(await json(`${MSRC}/updates`));
    expect(list.find(({ id }) => id === "2024-Jun")?.currentReleaseDate).toBe("2024-06-11T17:00:00Z");
    const known = await exploited();
    expect(known.length).toBeGreaterThan(0);
    const documents = await Promise.all(list.map(({ id }) => json(`${MSRC}/cvrf('${id}')`)));
    const msrc = documents.flatMap(readVulnerabilities);
    const kev = readKev(await json(KEV));
    for (const cve of known) {
      const vulnerability = msrc.find((each) => each.cve === cve);
      expect([cve, vulnerability?.exploited, kev.cves.includes(cve)]).toEqual([cve, true, true]);
      expect(vulnerability?.kbs.length).toBeGreaterThan(0);
    }
  });
});
