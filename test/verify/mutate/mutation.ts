/** A defect planted into the built app: the tests that carry its rows have to notice. */
export interface Mutation {
  readonly name: string;
  /** What the app does wrong then. */
  readonly about: string;
  /** Below `dist`. */
  readonly file: string;
  /** Text of the built file, there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Rows of the acceptance table about what is broken; one of them has to fail. */
  readonly rows: readonly number[];
}

/** The text with the defect in it. Throws when what is to be replaced is not there exactly once. */
export function mutated(source: string, { name, file, find, replace }: Omit<Mutation, "about" | "rows">): string {
  const [before, after, ...more] = source.split(find);
  if (before !== undefined && after !== undefined && more.length === 0 && find !== replace) {
    return before + replace + after;
  }
  const times = source.split(find).length - 1;
  throw new Error(
    `Mutation ${name}: its text is ${times} times in ${file}, where it must be once. Bring it up to date: ${find}`,
  );
}
