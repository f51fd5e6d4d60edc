import { AppError } from "../../../shared/errors.js";

const LONGEST = 256;

/** @throws invalid_input for ids that the platform refuses (functions-host.md §4.8) */
export function checkInstanceId(id: string): void {
  const problem = problemWith(id);
  if (problem !== undefined)
    throw new AppError("invalid_input", `The instance id ${problem}.`, { field: "instanceId" });
}

function problemWith(id: string): string | undefined {
  if (id === "") return "is empty";
  if (id.length > LONGEST) return `has ${id.length} characters; the limit is ${LONGEST}`;
  if (id.startsWith("@")) return "begins with '@', which is for entities";
  if (/[/\\#?]/.test(id)) return "contains one of / \\ # ?";
  if ([...id].some((character) => isControl(character.codePointAt(0) ?? 0))) return "contains a control character";
  return undefined;
}

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code < 0xa0);
