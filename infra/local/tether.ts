const END_WITH_PARENT = `process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).resume().unref?.()`;

/**
 * Arguments of Node that end a child process when its standard input closes: give it a pipe there, and it ends whatever
 * ended its parent, SIGKILL included.
 */
export const TETHERED: readonly string[] = ["--import", `data:text/javascript,${encodeURIComponent(END_WITH_PARENT)}`];
