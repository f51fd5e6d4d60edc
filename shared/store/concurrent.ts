import { AppError } from "../errors.js";
import type { Document, Documents } from "./documents.js";

/** When a change gives up against others who go on writing. */
export interface Patience {
  readonly tries: number;
  /** What is changed, for people: `Autopatch group sales`. */
  readonly what: string;
}

/**
 * Changes a document; who was faster is met by changing what he wrote. Returns what is stored then.
 * @param read the document as it is now; throws where there is none
 * @param change gives the body itself back when there is nothing to change; may be called again
 * @param patience default: without end
 * @throws AppError what `read` and `change` throw, or `unavailable` when others go on writing
 */
export async function changeDocument<T>(
  documents: Documents<T>,
  read: () => Promise<Document<T>>,
  change: (body: T) => T,
  patience?: Patience,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const { partition, id, etag, body } = await read();
    const after = change(body);
    if (after === body) return body;
    try {
      await documents.put(partition, id, after, etag);
      return after;
    } catch (error) {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
      if (patience === undefined || attempt < patience.tries) continue;
      throw new AppError("unavailable", `Others keep changing ${patience.what}. Try again in a moment.`);
    }
  }
}

/**
 * Writes a document over the version that was read, or anew where there was none.
 * @throws AppError `conflict` or `not_found` when somebody else has written or deleted it meanwhile
 */
export async function writeAsRead<T>(
  documents: Documents<T>,
  [partition, id]: readonly [partition: string, id: string],
  body: T,
  before: Pick<Document<unknown>, "etag"> | undefined,
): Promise<void> {
  if (before === undefined) await documents.insert(partition, id, body);
  else await documents.put(partition, id, body, before.etag);
}
