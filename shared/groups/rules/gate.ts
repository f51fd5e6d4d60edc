import type { GateSettings } from "../group.js";
import type { Violation } from "./violation.js";

/** A hold comes before a pause: its evidence lies below 1/α, or the hold would never be seen (gate.md §2.4). */
export function* gateViolations({
  alpha,
  holdEvidence,
}: Pick<GateSettings, "alpha" | "holdEvidence">): Generator<Violation> {
  const limit = 1 / alpha;
  if (holdEvidence >= limit)
    yield {
      field: "gate.holdEvidence",
      rule: "holdBeforePause",
      limit,
      message: `new offers wait from evidence ${holdEvidence}, and everything pauses from 1/alpha = ${limit}`,
    };
}
