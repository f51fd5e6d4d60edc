import { describe, expect, it } from "vitest";
import { expediteCandidates, resolveCandidate } from "../../../../shared/expedites/candidates.js";
import type { CatalogueUpdate } from "../../../../shared/graph/catalogue.js";
import { APRIL, MAY, OOB, PREVIEW, update } from "./catalogue.js";

const names = (recent: readonly CatalogueUpdate[]) => expediteCandidates(recent).map(({ shortName }) => shortName);

function refusal(recent: readonly CatalogueUpdate[], wanted: Parameters<typeof resolveCandidate>[1]) {
  try {
    resolveCandidate(recent, wanted);
  } catch (error) {
    return error;
  }
  throw new Error("It was not refused.");
}

describe("updates that may be expedited", () => {
  it("are the two latest security releases, out-of-band ones among them", () => {
    expect(names([MAY, OOB, APRIL])).toEqual(["2025.05 B", "2025.04 OOB"]);
  });

  it("leave a preview out once a newer security release is there", () => {
    expect(names([MAY, PREVIEW, OOB, APRIL])).toEqual(["2025.05 B", "2025.04 OOB"]);
  });

  it("take a preview while it is newer than every security release", () => {
    expect(names([PREVIEW, OOB, APRIL])).toEqual(["2025.04 D", "2025.04 OOB", "2025.04 B"]);
  });

  it("take a preview for Windows 11 only", () => {
    const ten = {
      product: "Windows 10",
      version: "22H2",
      build: "10.0.19045.5796",
      kb: "KB5055612",
      isHotpatch: false,
    };
    const both = { ...PREVIEW, revisions: [...PREVIEW.revisions, ten] };
    expect(expediteCandidates([both, APRIL])[0]?.revisions.map(({ product }) => product)).toEqual(["Windows 11"]);
    expect(names([{ ...PREVIEW, revisions: [ten] }, APRIL])).toEqual(["2025.04 B"]);
  });

  it("leave out what the catalogue does not let be expedited, and take nothing in its place", () => {
    expect(names([{ ...MAY, isExpeditable: false }, OOB, APRIL])).toEqual(["2025.04 OOB"]);
  });
});

describe("the update that was asked for", () => {
  it.each([
    ["its article", { kb: "kb5058405" }, "2025.05 B"],
    ["a vulnerability that it closes", { cve: "cve-2025-1111" }, "2025.04 OOB"],
    ["its build", { build: "10.0.22631.8405" }, "2025.05 B"],
    ["its short build", { build: "22631.8405" }, "2025.05 B"],
  ])("is found by %s", (_by, wanted, name) => {
    expect(resolveCandidate([MAY, OOB, APRIL], wanted).shortName).toBe(name);
  });

  it.each([
    ["older than the two latest", { kb: "KB5055528" }, /2 latest security releases/],
    ["a preview that a security release has followed", { kb: "KB5055629" }, /the security release 2025.05 B is newer/],
    ["not in the catalogue", { cve: "CVE-2020-0001" }, /not in an update/],
  ])("is refused when it is %s, naming the rule and the candidates", (_why, wanted, reason) => {
    const candidates = [{ name: "2025.05 B" }, { name: "2025.04 OOB" }];
    const details = { rule: expect.stringContaining("two latest security releases"), candidates };
    const error = refusal([MAY, PREVIEW, OOB, APRIL], wanted);
    expect(error).toMatchObject({ code: "rule_violated", field: Object.keys(wanted)[0], details });
    expect(error).toMatchObject({ message: expect.stringMatching(reason) });
  });

  it("is refused when the catalogue does not let it be expedited", () => {
    const fixed = update({ date: "2025-05-13", name: "2025.05 B", kb: "KB5058405", isExpeditable: false });
    expect(refusal([fixed, OOB], { kb: "KB5058405" })).toMatchObject({
      message: expect.stringContaining("the catalogue says so"),
    });
  });
});
