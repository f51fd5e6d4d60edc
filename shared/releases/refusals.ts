import { AppError, ErrorCode } from "../errors.js";
import type { ReleaseState, RingView } from "./release-state.js";

const VERBS: Readonly<Record<string, string>> = {
  pause: "paused",
  resume: "resumed",
  extend: "extended",
  rollBack: "rolled back",
  proceed: "let go on",
  cancel: "cancelled",
  expedite: "expedited",
  endExpedite: "taken out of an expedite",
};

/** Refuses a command on a whole release. Always throws `conflict`. */
export function refuse(state: ReleaseState, kind: string, reason: string): never {
  throw new AppError(
    ErrorCode.conflict,
    `Release ${state.releaseId} cannot be ${VERBS[kind] ?? kind}: ${reason}. Nothing was changed.`,
    { details: { releaseId: state.releaseId, command: kind } },
  );
}

/**
 * The rings a command acts on. `objection` says why a ring cannot take part, or undefined. Named rings must all be able
 * to; without names, those that are able take part, and there must be one.
 */
export function selectRings(
  state: ReleaseState,
  command: { readonly kind: string; readonly rings?: readonly string[] },
  objection: (view: RingView) => string | undefined,
): RingView[] {
  if (command.rings === undefined) {
    const able = state.rings.filter((view) => objection(view) === undefined);
    const reasons = state.rings.map((view) => `${view.ring}: ${objection(view)}`);
    return able.length > 0 ? able : refuse(state, command.kind, `no ring can take part (${reasons.join("; ")})`);
  }
  return [...new Set(command.rings)].map((name) => {
    const view = state.rings.find(({ ring }) => ring === name);
    if (view === undefined)
      throw new AppError(ErrorCode.notFound, `Release ${state.releaseId} has no ring ${name}. Name one of its rings.`, {
        field: "rings",
        details: { rings: state.rings.map(({ ring }) => ring) },
      });
    const reason = objection(view);
    return reason === undefined ? view : refuse(state, command.kind, `ring ${name} cannot take part, ${reason}`);
  });
}
