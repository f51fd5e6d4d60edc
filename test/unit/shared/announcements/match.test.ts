import { describe, expect, it } from "vitest";
import { type Post, plainText, postOfIssue } from "../../../../shared/announcements/announcement.js";
import { matches } from "../../../../shared/announcements/match.js";
import { releaseOf } from "../releases/fixtures.js";

const base = releaseOf("off", Date.parse("2024-06-11T17:05:00Z"));
const revision = (kb: string, build: string, version = "23H2") => ({
  ...{ product: "Windows 11", version, build: `10.0.${build}`, kb, isHotpatch: false },
});
const release = (id: string, ...revisions: ReturnType<typeof revision>[]) => ({
  ...{ id, update: { ...base.update, revisions }, state: { phase: "active" as "active" | "ended" } },
});
const JUNE = release("june", revision("KB5039212", "22631.3737"));
const MAY = { ...release("may", revision("KB5037771", "22631.3593")), state: { phase: "ended" as const } };
const ALL = [MAY, JUNE];

const post = (text: string, title = "News"): Post => ({
  ...{ id: "MC1", source: "messageCenter", title, text, status: null, url: null, lastModifiedAt: null },
});
const about = (text: string, title?: string) =>
  matches(post(text, title), ALL).map(({ release: { id }, announcement }) => [id, announcement.matchedBy]);

describe("a post of Microsoft's", () => {
  it.each([
    ["After KB5039212 printers stall.", [["june", "kb"]]],
    ["after kb5039212.", [["june", "kb"]]],
    ["https://support.microsoft.com/help/5039212", [["june", "kb"]]],
    ["Build 22631.3737 and later", [["june", "build"]]],
    ["OS Builds 22621.3737 and 22631.3737)", [["june", "build"]]],
    [
      "KB5037771 is replaced by KB5039212",
      [
        ["may", "kb"],
        ["june", "kb"],
      ],
    ],
    ["Build 22631.37370", []],
    ["KB50392121", []],
    ["Windows 11, version 23H2: a new feature", [["june", "version"]]],
    ["Windows 11, version 24H2: a new feature", []],
    ["KB5000001 for Windows 11, version 23H2", []],
    ["Teams has a new button.", []],
  ])("%s is about %j", (text, expected) => {
    expect(about(text)).toEqual(expected);
  });

  it("may name its update in the title", () => {
    expect(about("It stalls.", "Printers and KB5039212")).toEqual([["june", "kb"]]);
  });

  it("that is a known issue is about the update it came from and the one that resolves it", () => {
    const issue = {
      id: "WI1",
      title: "Stall",
      text: "It stalls.",
      status: "resolved",
      url: null,
      lastModifiedAt: null,
    };
    const known = postOfIssue({ ...issue, originatingKb: "KB5037771", resolvingKb: "KB5039212" });
    expect(matches(known, ALL).map(({ release: { id } }) => id)).toEqual(["may", "june"]);
  });

  it("is kept as plain text", () => {
    expect(plainText("<p>A&nbsp;&lt;b&gt;<br>c</p><script>alert(1)</script><style>p{}</style> d")).toBe("A <b> c d");
  });
});
