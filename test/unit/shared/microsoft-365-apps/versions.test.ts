import { describe, expect, it } from "vitest";
import type { AppVersion } from "../../../../shared/app-versions/version.js";
import { isAtLeast } from "../../../../shared/app-versions/version.js";
import {
  isOneOf,
  monthlyVersionOf,
  newestOffice,
  previousOffice,
  supportedOffice,
} from "../../../../shared/microsoft-365-apps/versions.js";

const version = (name: string, build: string, date: string, channel = "monthlyEnterprise"): AppVersion => ({
  ...{ channel, name, version: `16.0.${build}` },
  publishedAt: `${date}T17:00:00.000Z`,
});
const LIST = [
  version("2402", "17328.20140", "2024-04-09"),
  version("2404", "17531.20140", "2024-06-11"),
  version("2403", "17425.20140", "2024-05-14"),
  version("2403", "17425.20236", "2024-06-11"),
  version("2405", "17628.20144", "2024-06-03", "current"),
];
const at = (text: string) => Date.parse(text);
const JUNE = at("2024-06-12T00:00Z");

describe("versions of Microsoft 365 Apps", () => {
  it("are the newest and the one before by the instant, whatever their order in the list", () => {
    expect(newestOffice(LIST, JUNE)).toMatchObject({ name: "2404", version: "16.0.17531.20140" });
    expect(newestOffice(LIST, at("2024-06-11T16:59:59Z"))?.name).toBe("2403");
    expect(newestOffice(LIST, at("2024-04-01T00:00Z"))).toBeUndefined();
    expect(previousOffice(LIST, at("2024-04-10T00:00Z"))).toBeUndefined();
  });

  it("have the newest of their builds: the version before is its security build of the same day", () => {
    expect(previousOffice(LIST, JUNE)).toMatchObject({ name: "2403", version: "16.0.17425.20236" });
    expect(previousOffice(LIST, at("2024-06-01T00:00Z"))).toMatchObject({ name: "2402" });
  });

  it("are supported for two months, with any security build", () => {
    expect(supportedOffice(LIST, JUNE).map(({ name }) => name)).toEqual(["2404", "2403"]);
    const supported = (build: string) => isOneOf(`16.0.${build}`, supportedOffice(LIST, JUNE));
    expect(["17531.20140", "17425.20100", "17328.20140", "17628.20144"].map(supported)).toEqual([
      ...[true, true, false, false],
    ]);
  });

  it("are named after the month whose line a build belongs to", () => {
    expect(monthlyVersionOf("16.0.17425.20001", LIST)?.name).toBe("2403");
    expect(monthlyVersionOf("16.0.17628.20144", LIST)).toBeUndefined();
  });

  it("are had by an inventory with the version or a newer one", () => {
    const office = (build: string) => ({ office: { version: `16.0.${build}` } });
    expect(isAtLeast(office("17425.20236").office.version, "16.0.17425.20140")).toBe(true);
    expect(isAtLeast(office("9999.20236").office.version, "16.0.17425.20140")).toBe(false);
    expect(isAtLeast(undefined, "16.0.17425.20140")).toBe(false);
  });
});
