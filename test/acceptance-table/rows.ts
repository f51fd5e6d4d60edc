/** Rows that a test speaks for: its title begins `row 61: …` or `rows 31, 33: …`. */
export function rowsOfTitle(title: string): number[] {
  const numbers = /^rows? (\d+(?:, \d+)*): /.exec(title)?.[1];
  return numbers === undefined ? [] : numbers.split(", ").map(Number);
}

/** Rows that the titles in a test file's source speak for, ascending. */
export function rowsOfSource(source: string): number[] {
  const titles = source.matchAll(/["'`](rows? \d+(?:, \d+)*: )/g);
  return [...new Set([...titles].flatMap(([, title = ""]) => rowsOfTitle(title)))].sort((a, b) => a - b);
}
