import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";

/** Anything JSON can hold; the store decides what an operation means. */
export type Operation = readonly unknown[];

/** Operations per line when a journal is rewritten. */
const CHUNK = 500;

/**
 * An append-only file of JSON lines. One line is one atomic change: a process that is killed while it writes leaves a
 * torn last line, which the next start cuts off, so that what was acknowledged is exactly what is read back.
 */
export class Journal {
  readonly #file: string;
  #fd: number;

  private constructor(file: string, fd: number) {
    this.#file = file;
    this.#fd = fd;
  }

  /** Opens the file, replays its operations into `apply`, and cuts off a torn last line. */
  static open(file: string, apply: (operation: Operation) => void): Journal {
    const text = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    const end = text.lastIndexOf(0x0a) + 1;
    for (const line of text.subarray(0, end).toString("utf8").split("\n")) {
      if (line !== "") for (const operation of JSON.parse(line) as Operation[]) apply(operation);
    }
    const fd = openSync(file, existsSync(file) ? "r+" : "w+", 0o600);
    ftruncateSync(fd, end);
    closeSync(fd);
    return new Journal(file, openSync(file, "a", 0o600));
  }

  /** Writes one atomic change; it survives the death of this process as soon as the call returns. */
  append(operations: readonly Operation[]): void {
    writeSync(this.#fd, `${JSON.stringify(operations)}\n`);
  }

  /** Replaces the file by the given operations, which describe the whole state. */
  rewrite(operations: Iterable<Operation>): void {
    const fresh = `${this.#file}.new`;
    const fd = openSync(fresh, "w", 0o600);
    let chunk: Operation[] = [];
    const flush = () => {
      if (chunk.length > 0) writeSync(fd, `${JSON.stringify(chunk)}\n`);
      chunk = [];
    };
    for (const operation of operations) {
      chunk.push(operation);
      if (chunk.length === CHUNK) flush();
    }
    flush();
    fsyncSync(fd);
    closeSync(fd);
    closeSync(this.#fd);
    renameSync(fresh, this.#file);
    this.#fd = openSync(this.#file, "a", 0o600);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
