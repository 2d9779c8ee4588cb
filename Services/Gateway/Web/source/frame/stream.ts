import { asProblem, Problem, readProblem } from "./problem";

/** One message of a stream of server-sent events. */
export interface Message {
  id: string | null;
  type: string;
  data: string;
}

/** Reads server-sent events as they come (WHATWG HTML, section 9.2). */
export class MessageReader {
  private rest = "";
  private lines: { id: string | null; type: string; data: string[] } = this.fresh();

  private fresh(): { id: string | null; type: string; data: string[] } {
    return { id: null, type: "message", data: [] };
  }

  take(text: string): Message[] {
    const found: Message[] = [];
    const all = this.rest + text;
    let from = 0;
    for (;;) {
      const end = all.indexOf("\n", from);
      if (end < 0) break;
      const line = all.slice(from, end).replace(/\r$/, "");
      from = end + 1;
      if (line === "") {
        if (this.lines.data.length > 0) {
          found.push({ ...this.lines, data: this.lines.data.join("\n") });
        }
        this.lines = this.fresh();
        continue;
      }
      this.field(line);
    }
    this.rest = all.slice(from);
    return found;
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.lines.data.push(value);
    else if (name === "event") this.lines.type = value;
    else if (name === "id") this.lines.id = value;
  }
}

/** An event of a run's log. */
export interface RunEvent {
  seq: number;
  type: string;
  at: string;
  step?: string;
  data: any;
}

export type Connection =
  | { state: "connecting" }
  | { state: "live" }
  /** Since when it is away, and when the next try is made. */
  | { state: "away"; since: number; next: number }
  | { state: "ended" }
  | { state: "refused"; problem: Problem };

export interface Follower {
  onEvent(event: RunEvent): void;
  /** False when a piece is missing: the stream is then asked for again. */
  onToken(token: any): boolean;
  onConnection(connection: Connection): void;
}

/** The server says something at least every 15 s; this long without a word is a dead line. */
const silence = 25_000;
const waits = [300, 1_000, 2_000, 4_000, 8_000];

/**
 * Follows one run: every event once and in order, whatever happens to the connection.
 *
 * Not an EventSource, which hides what refused it, when it tries again, and that a line is dead.
 */
export class RunStream {
  private last = 0;
  private tries = 0;
  private since = 0;
  private isStopped = false;
  private current: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly url: string, private readonly follower: Follower) {}

  start(): void {
    addEventListener("online", this.retryNow);
    document.addEventListener("visibilitychange", this.whenSeen);
    this.follower.onConnection({ state: "connecting" });
    void this.connect();
  }

  stop(): void {
    this.isStopped = true;
    removeEventListener("online", this.retryNow);
    document.removeEventListener("visibilitychange", this.whenSeen);
    clearTimeout(this.timer);
    this.current?.abort();
  }

  /** Follows a run again that had ended, and was begun again. */
  restart(): void {
    this.tries = 0;
    this.current?.abort();
    clearTimeout(this.timer);
    void this.connect();
  }

  retryNow = (): void => {
    if (this.isStopped || this.since === 0) return;
    clearTimeout(this.timer);
    this.current?.abort();
    void this.connect();
  };

  private whenSeen = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };

  private async connect(): Promise<void> {
    const control = new AbortController();
    this.current = control;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => control.abort(), silence);
    };
    try {
      alive();
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (this.last > 0) headers["last-event-id"] = String(this.last);
      const response = await fetch(this.url, {
        headers, credentials: "same-origin", cache: "no-store", signal: control.signal,
      });
      if (response.status === 204) return this.settle(control, { state: "ended" });
      if (!response.ok || !response.body) throw await readProblem(response);
      this.since = 0;
      this.follower.onConnection({ state: "live" });
      if (await this.read(response.body, alive)) return this.settle(control, { state: "ended" });
      throw new TypeError("the stream ended early");
    } catch (error) {
      if (this.isStopped || this.current !== control) return;
      const problem = asProblem(error);
      if ([401, 403, 404].includes(problem.status)) {
        return this.settle(control, { state: "refused", problem });
      }
      this.wait();
    } finally {
      clearTimeout(timer);
    }
  }

  private settle(control: AbortController, connection: Connection): void {
    if (this.isStopped || this.current !== control) return;
    this.since = 0;
    this.follower.onConnection(connection);
  }

  private wait(): void {
    const now = Date.now();
    if (this.since === 0) this.since = now;
    const wait = waits[Math.min(this.tries, waits.length - 1)] * (0.8 + Math.random() * 0.4);
    this.tries += 1;
    this.follower.onConnection({ state: "away", since: this.since, next: now + wait });
    this.timer = setTimeout(() => void this.connect(), wait);
  }

  /** True when the run has told its end. */
  private async read(body: ReadableStream<Uint8Array>, alive: () => void): Promise<boolean> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const messages = new MessageReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      alive();
      this.tries = 0;
      for (const message of messages.take(decoder.decode(value, { stream: true }))) {
        if (message.type === "end") return true;
        if (!this.take(message)) {
          await reader.cancel();
          return false;
        }
      }
    }
  }

  /** False when something before it is missing. */
  private take(message: Message): boolean {
    const data = JSON.parse(message.data);
    if (message.type === "token") return this.follower.onToken(data);
    const event = data as RunEvent;
    if (event.seq <= this.last) return true;
    if (event.seq > this.last + 1) return false;
    this.last = event.seq;
    this.follower.onEvent(event);
    return true;
  }
}
