import { AppError } from "../errors.js";

/** Throws `invalid_input`, naming the app setting, where secrets would travel in the open: HTTPS, or this very machine. */
export function refuseInsecure(url: string, field: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]") return;
  const message = `${field} is not HTTPS, and the bot sends secrets there. Correct it and restart.`;
  throw new AppError("invalid_input", message, { field });
}
