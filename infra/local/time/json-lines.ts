import type { Socket } from "node:net";

/** Newline-delimited JSON over a socket; a line that is not JSON ends the connection. */
export function jsonLines(socket: Socket, onMessage: (message: Record<string, unknown>) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.setNoDelay(true);
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = parse(line);
      if (message === undefined) {
        socket.destroy();
        return;
      }
      onMessage(message);
    }
  });
}

export function sendLine(socket: Socket, message: Readonly<Record<string, unknown>>): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
