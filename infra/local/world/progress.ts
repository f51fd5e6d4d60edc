import type { ReleaseView, RingView } from "./release-view.js";

const BAR = 30;

/** The state of all releases as lines for a terminal: a bar per deployment ring. */
export function progressLines(now: number, releases: readonly ReleaseView[]): string[] {
  const lines = [`${new Date(now).toISOString().slice(0, 16).replace("T", " ")} UTC`];
  if (releases.length === 0) lines.push("  waiting for the next release");
  for (const release of releases) {
    lines.push(`${release.update.name}  ${release.status}  gate ${release.gate.mode}: ${release.gate.verdict}`);
    for (const ring of release.rings) lines.push(`  ${ringLine(ring)}`);
  }
  return lines;
}

function ringLine(ring: RingView): string {
  const share = (count: number) => (ring.size === 0 ? 0 : Math.round((count / ring.size) * BAR));
  const broken = ring.failed + ring.rolledBack;
  // One broken device is seen however large the ring is.
  const bad = Math.max(share(broken), Number(broken > 0));
  const done = Math.min(BAR - bad, share(ring.upToDate));
  const open = Math.min(BAR - done - bad, share(ring.open));
  const bar = "█".repeat(done) + "x".repeat(bad) + "▒".repeat(open) + "·".repeat(BAR - done - bad - open);
  const percent = ring.size === 0 ? "  –  " : `${((100 * ring.upToDate) / ring.size).toFixed(1).padStart(5)} %`;
  return `${ring.name.padEnd(8)} ${bar} ${percent} of ${String(ring.size).padStart(6)}  ${ring.status}`;
}

/** Draws lines over the last ones on a terminal; elsewhere prints them only when more than the time changed. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #height = 0;
  #last = "";

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(lines: readonly string[]): void {
    if (this.#out.isTTY) {
      const up = this.#height === 0 ? "" : `\x1b[${this.#height}A`;
      this.#out.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join("")}\x1b[J`);
      this.#height = lines.length;
      return;
    }
    const content = lines.slice(1).join("\n");
    if (content === this.#last) return;
    this.#last = content;
    this.#out.write(`${lines.join("\n")}\n`);
  }
}
