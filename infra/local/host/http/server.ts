import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Work } from "../invocation/work.js";
import { messageOf } from "../start-error.js";
import type { Cors } from "./cors.js";
import { type HttpAnswer, type HttpHandler, readRequest, sendAnswer } from "./message.js";

export interface HttpServerOptions {
  readonly port: number;
  /** Tried in order; the first answer wins. */
  readonly handlers: () => readonly HttpHandler[];
  readonly work: Work;
  readonly cors: Cors;
  readonly customHeaders: Readonly<Record<string, string>>;
  /** Requests at a time; negative is unlimited. Above it the answer is 429. */
  readonly maxRequests: number;
  readonly onError: (message: string) => void;
}

/** The host's HTTP front, on the loopback interface only. */
export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpServerOptions;
  #open = 0;

  private constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer((message, response) => void this.#handle(message, response));
    this.#server.requestTimeout = 0;
  }

  /** Rejects when the port is taken. */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject).listen(options.port, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections; requests that run may end. */
  stopListening(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  close(): void {
    this.#server.closeAllConnections();
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { work, cors, customHeaders } = this.#options;
    await work.track(async () => {
      this.#open++;
      try {
        const answer = await this.#answer(message);
        const extra = { ...customHeaders, ...cors.headers(message.headers.origin) };
        const full = { ...answer, headers: { ...extra, ...answer.headers } };
        await sendAnswer(response, full, message.method === "HEAD");
      } catch {
        response.destroy();
      } finally {
        this.#open--;
      }
    });
  }

  async #answer(message: IncomingMessage): Promise<HttpAnswer> {
    const { maxRequests, cors, handlers, onError } = this.#options;
    if (maxRequests >= 0 && this.#open > maxRequests) return { status: 429 };
    const request = await readRequest(message, `127.0.0.1:${this.port}`);
    if (request === undefined) return { status: 413, headers: { connection: "close" } };
    const preflight = cors.preflight(request);
    if (preflight !== undefined) return preflight;
    try {
      for (const handler of handlers()) {
        const answer = await handler(request);
        if (answer !== undefined) return answer;
      }
      return { status: 404 };
    } catch (error) {
      onError(`${request.method} ${request.url.pathname}: ${messageOf(error)}`);
      return { status: 500 };
    }
  }
}
