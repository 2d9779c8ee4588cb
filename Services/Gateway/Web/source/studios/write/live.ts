import { useEffect, useMemo } from "react";
import { ask, base, type Reply } from "../../frame/api";
import { score } from "../../frame/format";
import { Ledger, type Token } from "../../frame/ledger";
import { announce } from "../../frame/notices";
import { refresh, useQuery } from "../../frame/query";
import { Store, useStore } from "../../frame/store";
import { RunStream, type Connection, type RunEvent } from "../../frame/stream";
import { beginning, tell, type Story } from "./story";

export type Session = Reply<"GET /sessions/{id}">;

/** Older events are history, and not read out. */
const news = 8_000;
/** Milliseconds between two glances. */
const glances = 300;

/** One run that is being watched: its story, and the text that is being written. */
export class LiveRun {
  readonly story = new Store<Story>(beginning);
  readonly connection = new Store<Connection>({ state: "connecting" });
  /** Goes up once per frame while text arrives. */
  readonly frame = new Store(0);
  /** Goes up a few times a second while text arrives: for what is only glanced at. */
  readonly glance = new Store(0);
  readonly ledger = new Ledger();
  private readonly stream: RunStream;
  private pending: RunEvent[] = [];
  private isDirty = false;
  private scheduled = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private glancing: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {
    this.stream = new RunStream(`${base}/runs/${encodeURIComponent(id)}/stream`, {
      onEvent: (event) => {
        this.pending.push(event);
        this.schedule();
      },
      onToken: (token: Token) => {
        const isWhole = this.ledger.take(token);
        this.isDirty = true;
        this.schedule();
        return isWhole;
      },
      onConnection: (connection) => this.connected(connection),
    });
  }

  start(): void {
    this.stream.start();
  }

  stop(): void {
    this.stream.stop();
    clearTimeout(this.timer);
    clearTimeout(this.glancing);
    this.glancing = undefined;
  }

  retryNow = (): void => this.stream.retryNow();

  /** After an act of a person, by which a run that had ended goes on. */
  again(): void {
    if (this.connection.get().state === "ended") this.stream.restart();
    this.reload();
  }

  private connected(connection: Connection): void {
    const before = this.connection.get();
    if (connection.state === "away" && before.state === "live") this.reload();
    if (connection.state === "live" && before.state === "away") {
      if (Date.now() - before.since > 2_000) announce("The connection is back.");
      this.reload();
    }
    this.connection.set(connection);
  }

  /** All that came in one frame is painted once. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const flush = () => {
      this.scheduled = false;
      const events = this.pending;
      this.pending = [];
      if (events.length > 0) {
        this.story.set((story) => events.reduce(tell, story));
        for (const event of events) this.speak(event);
        if (events.some(changesSession)) this.reload();
      }
      if (this.isDirty) {
        this.isDirty = false;
        this.frame.set((count) => count + 1);
        this.lookUp();
      }
    };
    if (document.visibilityState === "visible") requestAnimationFrame(flush);
    else setTimeout(flush, 200);
  }

  private lookUp(): void {
    if (this.glancing !== undefined) return;
    this.glancing = setTimeout(() => {
      this.glancing = undefined;
      this.glance.set((count) => count + 1);
    }, glances);
  }

  private reload(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      refresh(`session/${this.id}`);
      refresh("runs/");
      refresh("billing");
    }, 80);
  }

  private speak(event: RunEvent): void {
    if (Date.now() - Date.parse(event.at) > news) return;
    const { data } = event;
    if (event.type === "round.completed") {
      announce(`Round ${data.round} has ended, score ${score(data.score)}.`);
    } else if (event.type === "gate.opened") {
      announce(`The run waits for you: ${data.question?.prompt ?? data.name}`);
    } else if (event.type === "run.completed") announce("The run is completed.");
    else if (event.type === "run.failed") announce("The run has failed.");
    else if (event.type === "run.cancelled") announce("The run is cancelled.");
    else if (event.type === "run.paused") announce("The run is paused.");
  }
}

function changesSession(event: RunEvent): boolean {
  return !["turn.started", "round.started"].includes(event.type);
}

/** Follows a run for as long as it is on the screen. */
export function useLiveRun(id: string) {
  const live = useMemo(() => new LiveRun(id), [id]);
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  const story = useStore(live.story);
  const session = useQuery(
    `session/${id}`, () => ask("GET /sessions/{id}", { path: { id } }));
  return { live, story, session };
}

export const isOver = (state: string): boolean =>
  ["completed", "failed", "cancelled"].includes(state);
