/** What went wrong, as a person is told: what happened and what to do. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    /** By JSON pointer. */
    readonly fields: Record<string, string> = {},
    readonly requestId = "",
    /** Seconds to wait before another try. */
    readonly retryAfter = 0,
  ) {
    super(title);
  }

  /** One sentence or two, without a code. */
  get sentence(): string {
    const fields = Object.entries(this.fields)
      .map(([pointer, what]) => `${named(pointer)} ${what}`);
    const said = fields.length > 0 ? fields.join("; ") : this.detail || this.title;
    return [full(said), advice(this)].filter(Boolean).join(" ");
  }
}

/** "/agents/0/name" as a person says it. */
function named(pointer: string): string {
  const parts = pointer.split("/").filter(Boolean).map((part) =>
    /^\d+$/.test(part) ? `${Number(part) + 1}` : part.replace(/_/g, " "));
  return parts.join(" ") || "the request";
}

/** With a capital and a full stop. */
export function full(text: string): string {
  if (!text) return "";
  const capital = text[0].toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : capital + ".";
}

function advice(problem: Problem): string {
  switch (problem.code) {
    case "offline": return "Look at your network, or whether the server runs; nothing is lost.";
    case "unauthenticated": return "Sign in again.";
    case "denied": return "Ask somebody with the role for it.";
    case "not-found": return "It may have been deleted, or it belongs to somebody else.";
    case "no-credits": return "Wait for running work to end, or ask for more credits.";
    case "limited": return `Wait ${problem.retryAfter || 60} s and try again.`;
    case "overloaded":
    case "unavailable":
    case "timed-out": return "Try again in a moment; nothing was changed.";
    case "internal":
      return `That is our fault; the log has it under ${problem.requestId || "its time"}.`;
    default: return "";
  }
}

/** Anything that was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === "AbortError") {
    return new Problem(0, "aborted", "stopped", "This was stopped before it was done");
  }
  if (error instanceof TypeError) {
    return new Problem(0, "offline", "no answer", "The server does not answer");
  }
  return new Problem(0, "page", "the page failed", error instanceof Error ? error.message : "");
}

/** From an RFC 9457 document, or from whatever stood in its place. */
export async function readProblem(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("retry-after") ?? 0) || 0;
  try {
    const document = await response.json();
    const fields: Record<string, string> = {};
    for (const fault of document.errors ?? []) fields[fault.pointer] = fault.detail ?? "is wrong";
    return new Problem(
      response.status, document.code ?? "unknown", document.title ?? response.statusText,
      document.detail ?? "", fields, document.request_id ?? "", retryAfter);
  } catch {
    return new Problem(
      response.status, response.status >= 500 ? "unavailable" : "unknown",
      `answer ${response.status}`, `The server answered ${response.status}`, {}, "", retryAfter);
  }
}
