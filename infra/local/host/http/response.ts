import type { RpcCookie, RpcHttp, TypedData } from "../app/model.js";
import { decode } from "../invocation/typed-data.js";
import type { HttpAnswer } from "./message.js";

/** The HTTP answer of a function's return value; without one it is 204 (functions-host.md §1.6). */
export function toAnswer(returnValue: TypedData | null | undefined): HttpAnswer {
  const http = returnValue?.http;
  if (http === null || http === undefined) return { status: 204 };
  const body = toBody(http.body);
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...cookieHeader(http) },
    ...(body === undefined ? {} : { body }),
  };
}

function toBody(data: TypedData | undefined): string | Buffer | undefined {
  const value = decode(data);
  if (value === undefined || typeof value === "string" || Buffer.isBuffer(value)) return value;
  return JSON.stringify(value);
}

function cookieHeader({ cookies = [] }: RpcHttp): Record<string, readonly string[]> {
  return cookies.length === 0 ? {} : { "set-cookie": cookies.map(cookieText) };
}

function cookieText(cookie: RpcCookie): string {
  const expires = cookie.expires?.value;
  const sameSite = typeof cookie.sameSite === "string" && cookie.sameSite !== "" ? cookie.sameSite : undefined;
  return [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    expires && `expires=${new Date(Number(expires.seconds ?? 0) * 1_000).toUTCString()}`,
    cookie.maxAge && `max-age=${cookie.maxAge.value}`,
    cookie.domain && `domain=${cookie.domain.value}`,
    cookie.path && `path=${cookie.path.value}`,
    cookie.secure?.value && "secure",
    sameSite && `samesite=${sameSite}`,
    cookie.httpOnly?.value && "httponly",
  ]
    .filter(Boolean)
    .join("; ");
}
