/** The host cannot start. The message is one line that names the file and the field at fault and says what is wrong. */
export class StartError extends Error {
  override readonly name = "StartError";

  /**
   * @param where file and field, for instance `host.json: extensions.http.routePrefix`
   * @param problem what is wrong there, and what would be right
   */
  constructor(where: string, problem: string) {
    super(oneLine(`${where}: ${problem}`));
  }
}

/** Text without line breaks, so that it stays one line in a terminal or a log. */
export function oneLine(text: string): string {
  return text.replace(/\s*\r?\n\s*/g, " ").trim();
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
