import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { progressLines, Screen } from "../../../../../infra/local/world/progress.js";
import { releaseView, ringView } from "./views.js";

const NOW = Date.parse("2024-06-12T08:15:30.000Z");

/** A terminal, or a file, that keeps what is written to it. */
function output(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  return { stream, written: () => String((stream as unknown as PassThrough).read() ?? "") };
}

describe("progress of releases", () => {
  it("says what it waits for when there is no release", () => {
    expect(progressLines(NOW, [])).toEqual(["2024-06-12 08:15 UTC", "  waiting for the next release"]);
  });

  it("draws up to date, failed, open and waiting devices in proportion, thirty places in all", () => {
    const ring = ringView(1, { size: 300, offered: 200, upToDate: 100, failed: 20, open: 80, notOffered: 100 });
    const [, , line = ""] = progressLines(NOW, [releaseView([ring])]);
    expect(line).toContain(`${"█".repeat(10)}${"x".repeat(2)}${"▒".repeat(8)}${"·".repeat(10)}`);
    expect(line).toContain("33.3 % of    300  Active");
  });

  it("shows a single failure however large the ring is", () => {
    const ring = ringView(1, { size: 20_000, offered: 20_000, upToDate: 19_999, failed: 1 });
    expect(progressLines(NOW, [releaseView([ring])])[2]).toContain(`${"█".repeat(29)}x `);
  });

  it("an empty ring has no percentage", () => {
    expect(progressLines(NOW, [releaseView([ringView(1)])])[2]).toContain("–");
  });
});

describe("the screen", () => {
  it("draws over its last lines on a terminal", () => {
    const { stream, written } = output(true);
    const screen = new Screen(stream);
    screen.show(["one", "two"]);
    written();
    screen.show(["three", "four"]);
    expect(written()).toBe("\x1b[2A\x1b[2Kthree\n\x1b[2Kfour\n\x1b[J");
  });

  it("prints nothing to a file when only the time changed", () => {
    const { stream, written } = output(false);
    const screen = new Screen(stream);
    screen.show(["08:00", "ring"]);
    expect(written()).toBe("08:00\nring\n");
    screen.show(["09:00", "ring"]);
    expect(written()).toBe("");
    screen.show(["10:00", "another ring"]);
    expect(written()).toBe("10:00\nanother ring\n");
  });
});
