import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEdgeReleases } from "../../../../../shared/edge/list.js";
import { newestEdge, previousEdge } from "../../../../../shared/edge/versions.js";
import { readOfficeReleases } from "../../../../../shared/microsoft-365-apps/list.js";
import { newestOffice, previousOffice } from "../../../../../shared/microsoft-365-apps/versions.js";
import { TestTenant } from "./support.js";

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start({ at: "2024-06-11T16:59:00Z" });
});
afterAll(() => test?.discard());

const json = async (path: string) => (await test.send("GET", path, "", {})).json as unknown;
const office = async () => readOfficeReleases(await json("/releases/v1.0/OfficeReleases"));
const edge = async () => readEdgeReleases(await json("/api/products?view=enterprise"));
const now = () => test.clock.now();

describe("the public lists of app versions", () => {
  it("have the month's version of Office from the second Tuesday, 10:00 Pacific, on", async () => {
    expect(newestOffice(await office(), now())).toMatchObject({ name: "2403" });
    test.pass(60);
    expect(newestOffice(await office(), now())).toEqual({
      ...{ channel: "monthlyEnterprise", name: "2404", version: "16.0.17531.20140" },
      publishedAt: "2024-06-11T17:00:00.000Z",
    });
    expect(previousOffice(await office(), now())).toMatchObject({ name: "2403", version: "16.0.17432.20140" });
  });

  it("have a version of Edge every week, a feature version every four, and Beta one ahead", async () => {
    const versions = async () => {
      const list = await edge();
      return [newestEdge(list, "stable", now()), previousEdge(list, "stable", now()), newestEdge(list, "beta", now())];
    };
    expect((await versions()).map((each) => each?.version)).toEqual([
      ...["125.0.2535.99", "125.0.2535.83", "126.0.2592.99"],
    ]);
    test.pass(3 * 86_400);
    expect((await versions()).map((each) => each?.version)).toEqual([
      ...["126.0.2592.51", "125.0.2535.99", "127.0.2649.51"],
    ]);
    expect(newestEdge(await edge(), "extended", now())?.version).toBe("125.0.2535.115");
  });
});
