import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphReader } from "../support/graph.js";
import { releaseOf, releases } from "../support/releases.js";
import { ANY_DAY, instant, runTo, startWorld, type World } from "../support/world.js";

interface CatalogueEntry {
  readonly shortName: string;
  readonly displayName: string;
}

function published(world: World): Promise<CatalogueEntry[]> {
  return new GraphReader(world).list("beta/admin/windows/updates/catalog/entries");
}

const SIDES = [
  { side: "daylight saving time", name: "2024.06 B", date: "2024-06-11", hour: 17 },
  { side: "standard time", name: "2025.01 B", date: "2025-01-14", hour: 18 },
] as const;

for (const { side, name, date, hour } of SIDES) {
  describe(`Patch Tuesday in ${side}`, () => {
    const at = instant(`${date}T${hour}:00Z`);
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ from: `${date}T00:00Z`, devices: 8, releasesOnly: true, appSettings: ANY_DAY });
    });
    afterAll(() => world?.stop());

    it(`row 47: no release of ${name} before ${hour}:00 UTC`, async () => {
      await runTo(world, at - 1);
      expect(await releases(world)).toEqual([]);
    });

    it(`row 47: the release of ${name} begins at ${hour}:00 UTC`, async () => {
      await runTo(world, at);
      const release = await releaseOf(world, name);
      expect([release.update.releasedAt, release.startedAt]).toEqual([
        `${date}T${hour}:00:00.000Z`,
        `${date}T${hour}:00:00.000Z`,
      ]);
    });

    it(`row 47: ${name} keeps the name that the catalogue gives it`, async () => {
      const { update } = await releaseOf(world, name);
      const [year, month, day] = date.split("-");
      expect(update.displayName).toBe(`${month}/${day}/${year} - ${name} SecurityUpdate for Windows 10 and later`);
    });
  });
}

describe("Previews", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ from: "2024-06-25T00:00Z", devices: 8, releasesOnly: true, appSettings: ANY_DAY });
  });
  afterAll(() => world?.stop());

  it("row 47: a preview is published and no release is made of it, while the month's B has one", async () => {
    await runTo(world, "2024-06-25T19:00Z");
    const names = (await published(world)).map(({ shortName }) => shortName);
    expect(names).toEqual(expect.arrayContaining(["2024.06 B", "2024.06 D"]));
    expect((await releases(world)).map(({ update }) => update.name)).toEqual(["2024.06 B"]);
  });
});
