import { useEffect, useState } from "react";
import { ask } from "../../frame/api";
import { Confirm } from "../../frame/dialog";
import { between, credits, score } from "../../frame/format";
import { complain, say } from "../../frame/notices";
import { navigate } from "../../frame/router";
import { Keys, useCommands, type Command } from "../../frame/shortcuts";
import type { Store } from "../../frame/store";
import { Icon, type IconName } from "../../parts/icons";
import { Status } from "../../parts/states";
import { ContinueDialog } from "./ContinueDialog";
import { EmailDialog } from "./EmailDialog";
import { ExportMenu } from "./ExportMenu";
import { ForkDialog } from "./ForkDialog";
import { isOver, type LiveRun, type Session } from "./live";
import type { Story } from "./story";
import type { View } from "./WriteRun";

export function Elapsed({ from, to }: { from?: string | null; to?: string | null }) {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!from || to) return undefined;
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [from, to]);
  return <>{between(from, to)}</>;
}

interface Props {
  live: LiveRun;
  session: Session;
  story: Story;
  state: string;
  view: Store<View>;
}

type Act = "start" | "pause" | "resume" | "cancel" | "retry";
const words: Record<Act, string> = {
  start: "The run was not started", pause: "The run was not paused",
  resume: "The run does not go on", cancel: "The run was not cancelled",
  retry: "The run was not begun again",
};

export function RunHead({ live, session, story, state, view }: Props) {
  const [busy, setBusy] = useState<Act | null>(null);
  const [dialog, setDialog] = useState<"cancel" | "fork" | "continue" | "email" | null>(null);
  const act = async (what: Act) => {
    setBusy(what);
    const path = { id: session.id };
    try {
      if (what === "start") await ask("POST /sessions/{id}/start", { path });
      else if (what === "pause") await ask("POST /runs/{id}/pause", { path });
      else if (what === "resume") await ask("POST /runs/{id}/resume", { path });
      else if (what === "cancel") await ask("POST /runs/{id}/cancel", { path });
      else await ask("POST /runs/{id}/retry", { path });
      if (what === "pause" && story.now) say("It pauses", `${story.now.agent} ends its turn first.`);
      live.again();
    } catch (error) {
      complain(words[what], error);
    } finally {
      setBusy(null);
    }
  };
  const isWorking = state === "running" || state === "waiting";
  const isEnded = isOver(state);
  const commands: Command[] = [];
  const offer = (id: string, name: string, icon: IconName, keys: string | undefined,
    run: () => void) => commands.push({ id, name, icon, keys, group: "This run", run });
  if (isWorking) offer("pause", "Pause after the present step", "pause", "P", () => void act("pause"));
  if (state === "paused") offer("resume", "Go on", "play", "P", () => void act("resume"));
  if (story.rounds.length > 0) offer("fork", "Fork from a step", "fork", "F", () => setDialog("fork"));
  if (!isEnded) offer("cancel", "Cancel the run", "close", undefined, () => setDialog("cancel"));
  if (isEnded) offer("continue", "Continue in a new session", "play", "C", () => setDialog("continue"));
  if (isEnded) offer("email", "Send by e-mail", "mail", undefined, () => setDialog("email"));
  offer("changes", "Show changes", "diff", "D", () => view.set((now) => ({
    ...now, turn: null, mode: now.mode === "changes" ? "text" : "changes" })));
  offer("edit", "Edit the document", "write", "E", () => view.set((now) => ({
    ...now, turn: null, mode: "edit" })));
  useCommands(commands);
  const button = (what: Act, name: string, icon: IconName, keys: string, kind = "btn") => (
    <button type="button" className={`${kind}${busy === what ? " busy" : ""}`}
      disabled={busy !== null} onClick={() => void act(what)}>
      {busy !== what && <Icon name={icon} size={14} />}{name}{keys && <Keys keys={keys} />}
    </button>);
  const round = story.rounds[story.rounds.length - 1]?.number ?? session.rounds_completed;
  return (
    <header className="run-head">
      <span data-run-state={state}><Status state={state} /></span>
      <h1 className="clip" dir="auto" title={session.title}>{session.title}</h1>
      <div className="run-meta">
        <span>Round <b>{round}</b> of {session.max_rounds}</span>
        <span>Score <b>{score(session.score)}</b>
          {session.score_threshold ? ` / ${score(session.score_threshold)}` : ""}</span>
        {session.started_at && <b><Elapsed from={session.started_at} to={session.ended_at} /></b>}
        <span><b>{credits(session.cost)}</b> credits</span>
      </div>
      <div className="right row g6 run-acts">
        {state === "queued" && button("start", "Start", "play", "", "btn primary")}
        {isWorking && button("pause", "Pause", "pause", "P")}
        {state === "paused" && button("resume", "Go on", "play", "P", "btn primary")}
        {state === "failed" && button("retry", "Try again", "retry", "", "btn primary")}
        {story.rounds.length > 0 && (
          <button type="button" className="btn" onClick={() => setDialog("fork")}>
            <Icon name="fork" size={14} />Fork<Keys keys="F" />
          </button>)}
        {!isEnded && (
          <button type="button" className="btn danger" onClick={() => setDialog("cancel")}>
            <Icon name="close" size={14} />Cancel
          </button>)}
        {isEnded && (
          <button type="button" className="btn" onClick={() => setDialog("continue")}>
            <Icon name="play" size={14} />Continue<Keys keys="C" />
          </button>)}
        {isEnded && (
          <button type="button" className="btn icon" aria-label="Send by e-mail"
            title="Send by e-mail" onClick={() => setDialog("email")}><Icon name="mail" /></button>)}
        {isEnded && <ExportMenu session={session} />}
      </div>
      {dialog === "cancel" && (
        <Confirm title="Cancel this run?" isDanger stay="Keep it" act="Cancel run"
          text={`${story.now ? `${story.now.agent} stops at the next word. ` : ""}The document stays ` +
            "as it is; you can fork from any step. Credits that are held come back."}
          onClose={() => setDialog(null)} onAct={() => void act("cancel")} />)}
      {dialog === "fork" && (
        <ForkDialog session={session} story={story} onClose={() => setDialog(null)} />)}
      {dialog === "email" && (
        <EmailDialog session={session} onClose={() => setDialog(null)} />)}
      {dialog === "continue" && (
        <ContinueDialog session={session} onClose={() => setDialog(null)}
          onMade={(id) => navigate(`/runs/${id}`)} />)}
    </header>);
}
