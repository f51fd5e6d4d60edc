import type { Actor } from "../../shared/access/roles.js";
import { type AuditRecord, audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";

/**
 * Notes in the audit log what a caller did, now unless `at` (ms) says otherwise. The same again is another entry; what
 * stays one entry however often it is written has a key of its own, and goes to `audit`.
 */
export async function note(
  actor: Actor,
  action: string,
  target: string,
  more: Partial<Pick<AuditRecord, "at" | "justification" | "evidence">> = {},
): Promise<void> {
  await audit({ at: clock.now(), ...more, actor, action, target, key: crypto.randomUUID() });
}
