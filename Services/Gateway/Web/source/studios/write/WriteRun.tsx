import { useEffect, useMemo, useState } from "react";
import { navigate } from "../../frame/router";
import { Store, useStore } from "../../frame/store";
import type { Connection } from "../../frame/stream";
import { connection as shown } from "../../parts/Shell";
import { OfflineBanner } from "../../parts/OfflineBanner";
import { Banner, ScreenTrouble, Segments, Skeleton, Status } from "../../parts/states";
import type { Run } from "..";
import { Missing } from "../../screens/Failures";
import { AgentsPane } from "./AgentsPane";
import { useDraft } from "./draftOf";
import { attributed } from "./authorship";
import { DocumentPane } from "./DocumentPane";
import { isOver, useLiveRun, type LiveRun } from "./live";
import { RunHead } from "./RunHead";
import { Timeline } from "./Timeline";

/** Seconds until the next try, counted down. */
function Countdown({ to }: { to: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <>{Math.max(0, Math.ceil((to - now) / 1_000))} s</>;
}

/** True when a line has been away for longer than a moment. */
function useIsAway(line: Connection): boolean {
  const [isLong, setLong] = useState(false);
  const since = line.state === "away" ? line.since : 0;
  useEffect(() => {
    setLong(false);
    if (!since) return undefined;
    const timer = setTimeout(() => setLong(true), Math.max(0, since + 2_000 - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  return isLong;
}

function LineStatus({ live }: { live: LiveRun }) {
  const line = useStore(live.connection);
  switch (line.state) {
    case "live": return <span data-line="live"><Status state="running" word="Live" /></span>;
    case "away":
      return (
        <span data-line="away"><Status state="waiting" word="Reconnecting" /></span>);
    case "ended": return <span data-line="ended"><Status state="queued" word="All here" /></span>;
    case "refused": return <span data-line="refused"><Status state="failed" word="Refused" /></span>;
    default: return <span data-line="connecting"><Status state="queued" word="Connecting" /></span>;
  }
}

function LineBanner({ live }: { live: LiveRun }) {
  const line = useStore(live.connection);
  const isLong = useIsAway(line);
  if (line.state !== "away" || !isLong) return null;
  return (
    <Banner kind="wait" icon="warning" role="status" end={
      <button type="button" className="btn sm" onClick={live.retryNow}>Try now</button>}>
      <b>Connection lost.</b> The run goes on without you. Trying again
      in <span aria-hidden="true"><Countdown to={line.next} /></span>; you will see everything you
      missed.
    </Banner>);
}

export type Mode = "text" | "changes" | "suggestions" | "edit";

/** What the reader looks at: shared by the timeline, the keys and the document. */
export interface View {
  mode: Mode;
  from: number | null;
  to: number | null;
  /** The turn whose own words are shown in place of the document. */
  turn: string | null;
}

const modes: Mode[] = ["text", "changes", "suggestions", "edit"];

/** The view stands in the address: a reload, or somebody else, comes to the same. */
function viewOf(query: string): View {
  const words = new URLSearchParams(query);
  const round = (name: string) => (/^\d+$/.test(words.get(name) ?? "") ? Number(words.get(name)) : null);
  return { mode: modes.find((mode) => mode === words.get("view")) ?? "text",
    from: round("from"), to: round("to"), turn: words.get("turn") };
}

function queryOf(view: View): string {
  const words = new URLSearchParams();
  if (view.mode !== "text") words.set("view", view.mode);
  if (view.from !== null) words.set("from", String(view.from));
  if (view.to !== null) words.set("to", String(view.to));
  if (view.turn !== null) words.set("turn", view.turn);
  const text = words.toString();
  return text ? `?${text}` : "";
}

const panes: Array<["1" | "2" | "3", string]> = [["1", "Timeline"], ["2", "Document"],
  ["3", "Agents"]];

export default function WriteRun({ run }: { run: Run }) {
  const { live, story, session } = useLiveRun(run.id);
  const view = useMemo(() => new Store<View>(viewOf(location.search)), [run.id]);
  useEffect(() => view.watch(() =>
    navigate(location.pathname + queryOf(view.get()), { replace: true })), [view]);
  const [pane, setPane] = useState<"1" | "2" | "3">("2");
  const draft = useDraft(run.id);
  useEffect(() => {
    shown.set(<LineStatus live={live} />);
    return () => shown.set(null);
  }, [live]);
  const work = session.data;
  const parts = useMemo(
    () => (work ? attributed(work, draft) : null), [work?.revision, work?.rounds.length, draft]);
  if (session.problem?.status === 404) return <div className="page"><Missing /></div>;
  if (session.problem && !work) {
    return <ScreenTrouble title={run.title} problem={session.problem} retry={session.reload} />;
  }
  if (!work || !parts) return <Skeleton label="Loading the session" rows={6} />;
  const state = newest(story.state, work.state, isOver(work.state));
  return (
    <>
      <RunHead live={live} session={work} story={story} state={state} view={view} />
      <LineBanner live={live} />
      <StandstillBanner state={state} error={work.error} />
      {(work.rounds.some((round) => round.turns.some((turn) => turn.offline)) ||
        story.now?.offline) && <OfflineBanner />}
      <div className="pane-tabs">
        <Segments label="Pane" options={panes} value={pane} onChange={setPane} />
      </div>
      <div className="run3" data-pane={pane}>
        <Timeline story={story} session={work} view={view} whenChosen={() => setPane("2")} />
        <DocumentPane live={live} session={work} story={story} state={state} view={view}
          passages={parts.passages} />
        <AgentsPane live={live} session={work} story={story} state={state}
          shares={parts.shares} />
      </div>
    </>);
}

/** Events are ahead of the session, but for one that ended before they came. */
function newest(told: string | null, known: string, isEnded: boolean): string {
  return isEnded || told === null ? known : told;
}

/** Why a run stands still, where it does. */
function StandstillBanner({ state, error }: { state: string; error?: string | null }): JSX.Element | null {
  if (state === "failed") {
    return (
      <Banner kind="bad" icon="warning" role="alert">
        <b>The run has failed.</b> {error ?? "The log has the cause."} What was written is kept.
      </Banner>);
  }
  if (state === "needs_attention") {
    return (
      <Banner kind="wait" icon="warning" role="alert">
        <b>The run needs attention.</b> {error ?? "It waits for whoever keeps this server."}
      </Banner>);
  }
  return null;
}

