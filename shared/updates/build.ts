/**
 * A Windows build: `major` names the version (22631 is Windows 11 23H2), `revision` is what an update raises. Two builds
 * compare only within one version (autopatch.md §13.1).
 */
export interface WindowsBuild {
  readonly major: number;
  readonly revision: number;
}

/** Reads `10.0.22631.3737` or `22631.3737`; undefined when the text is no build. */
export function parseBuild(text: string): WindowsBuild | undefined {
  const match = /^(?:10\.0\.)?(\d{5})\.(\d{1,6})$/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), revision: Number(match[2]) };
}

/** `10.0.22631.3737`, the form in which devices and the catalogue write a build. */
export function buildText(build: WindowsBuild): string {
  return `10.0.${build.major}.${build.revision}`;
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; undefined across versions. */
export function compareBuilds(a: WindowsBuild, b: WindowsBuild): number | undefined {
  return a.major === b.major ? a.revision - b.revision : undefined;
}
