import { describe, expect, it } from "vitest";
import { emulatedHotpatches } from "../../../../../infra/local/tenant/catalogue/hotpatch.js";
import { seedEntries } from "../../../../../infra/local/tenant/catalogue/releases.js";

const catalogue = seedEntries();
const hotpatches = (date: string) => {
  const entry = catalogue.find((each) => each.date === date);
  if (entry === undefined) throw new Error(`Nothing was published on ${date}.`);
  return emulatedHotpatches(entry, catalogue);
};

describe("emulated hotpatches", () => {
  it("stand one build below the cumulative update, on the baseline of the quarter, with an article that does not exist", () => {
    expect(hotpatches("2025-05-13")).toEqual([
      {
        ...{ product: "Windows 11", version: "24H2", build: "10.0.26100.4060", kb: "KB9058411" },
        hotpatchOf: "10.0.26100.3775",
      },
    ]);
  });

  it("come in no baseline month, beside no other update, and for no version that takes none", () => {
    expect(hotpatches("2025-04-08")).toEqual([]);
    expect(hotpatches("2025-05-28")).toEqual([]);
    expect(hotpatches("2024-05-14")).toEqual([]);
  });
});
