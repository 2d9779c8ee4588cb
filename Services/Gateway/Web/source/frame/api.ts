import type { Api } from "../api/types";
import { asProblem, Problem, readProblem } from "./problem";

export const base = "/api/v1";

type Route = keyof Api;
export type Reply<R extends Route> = Api[R]["reply"];
export type Body<R extends Route> = Api[R]["body"];

interface Options<R extends Route> {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | undefined>;
  body?: Body<R>;
  /** For what creates or charges: sent again, it happens once. */
  key?: string;
  signal?: AbortSignal;
}

let whenSignedOut: () => void = () => undefined;

/** What happens when the server no longer knows the session. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

/** Asks one of the declared routes. Throws a `Problem`. */
export async function ask<R extends Route>(route: R, options: Options<R> = {}): Promise<Reply<R>> {
  const [method, template] = route.split(" ") as [string, string];
  const headers: Record<string, string> = { accept: "application/json" };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  if (options.key) headers["idempotency-key"] = options.key;
  const response = await send(address(template, options.path, options.query), {
    method, headers, signal: options.signal,
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  });
  if (response.status === 204) return undefined as Reply<R>;
  return await response.json() as Reply<R>;
}

/** The same with a body that is JSON already, word for word, or text of its own type. */
export async function sendText(
  method: string, template: string, text: string, type = "application/json", key?: string,
): Promise<any> {
  const headers: Record<string, string> = { "content-type": type, accept: "application/json" };
  if (key) headers["idempotency-key"] = key;
  const response = await send(base + template, { method, headers, body: text });
  return response.status === 204 ? undefined : response.json();
}

/** Fetches with the session's cookie; throws a `Problem` for every answer that is none. */
export async function send(url: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...request });
  } catch (error) {
    throw asProblem(error);
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (problem.status === 401 && !url.endsWith("/auth/session")) whenSignedOut();
  throw problem;
}

export function address(
  template: string, path: Record<string, string | number> = {},
  query: Record<string, string | number | undefined> = {},
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Problem(0, "page", "the page failed", `no {${name}}`);
    return encodeURIComponent(String(value));
  });
  const words = Object.entries(query).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return base + filled + (words.length > 0 ? `?${words.join("&")}` : "");
}

/** A key for one act of a person, kept while they try again. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
