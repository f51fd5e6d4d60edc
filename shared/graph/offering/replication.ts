import { AppError } from "../../errors.js";

/**
 * Runs a write that names directory groups. The services refuse it until a fresh group has replicated, about 30 s
 * (graph.md §1.9): when the policy itself is still there, the refusal means "not yet".
 * @param stillThere reads the policy; its own failure is the true cause then.
 */
export async function refusedUntilReplicated(
  write: Promise<unknown>,
  stillThere: () => Promise<unknown>,
): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== "not_found" && error.code !== "invalid_input")) throw error;
    await stillThere();
    const message = `An assignment was refused, most likely because a directory group in it is newer than 30 seconds. It is repeated; if it goes on, check that the group exists. ${error.message}`;
    throw new AppError("not_yet_consistent", message, { retryAfterSeconds: 30, cause: error });
  }
}
