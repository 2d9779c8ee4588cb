import { useState } from "react";
import { between, plural, score } from "../../frame/format";
import { useStore, type Store } from "../../frame/store";
import { Icon } from "../../parts/icons";
import { Who } from "../../parts/states";
import type { Session } from "./live";
import { pigmentOf, type Asked, type Round, type Story, type Turn } from "./story";
import type { View } from "./WriteRun";

/** Rounds before these are folded until somebody opens them. */
const unfolded = 3;

function line(turn: Turn): string {
  if (turn.state === "running") return turn.role === "writer" ? "Writing" : "Reading";
  if (turn.state === "stopped") return "Stopped before its end";
  if (turn.role === "writer") {
    const kept = turn.keptOut > 0 ? `, ${turn.keptOut} kept out` : "";
    return turn.suggestions > 0 ? plural(turn.suggestions, "change") + kept
      : plural(turn.words ?? 0, "word");
  }
  return turn.score === null || turn.score === undefined
    ? plural(turn.words ?? 0, "word") : `Scored ${score(turn.score)}`;
}

interface StepProps {
  turn: Turn;
  session: Session;
  isLast: boolean;
  isChosen: boolean;
  choose: () => void;
}

function Step({ turn, session, isLast, isChosen, choose }: StepProps) {
  return (
    <li>
      <button type="button" className={`tl-step${isLast ? " last" : ""}`} onClick={choose}
        aria-current={isChosen ? "step" : undefined} data-state={turn.state}>
        <span className="dot">
          <Who name={turn.agent} pigment={pigmentOf(session.agents, turn.agent)} />
        </span>
        <span className="md clip">{turn.agent}</span>
        <span className="d">
          {turn.state === "running" ? <span className="accent">now</span>
            : between(turn.startedAt, turn.endedAt)}
        </span>
        <span className="s clip">{line(turn)}</span>
      </button>
    </li>);
}

function GateStep({ gate }: { gate: Asked }) {
  return (
    <li className="tl-step last still" data-gate={gate.state}>
      <span className="dot wait-text"><Icon name="gate" /></span>
      <span className="md clip">You</span>
      <span className="d">{gate.state === "open" ? "now" : <Icon name="check" size={12} />}</span>
      <span className="s clip" dir="auto">{gate.prompt}</span>
    </li>);
}

interface RoundProps {
  round: Round;
  before?: Round;
  session: Session;
  view: Store<View>;
  isFolded: boolean;
  whenChosen: () => void;
}

function RoundPart({ round, before, session, view, isFolded, whenChosen }: RoundProps) {
  const [isOpen, setOpen] = useState(!isFolded);
  const { turn: chosen } = useStore(view);
  const rise = round.score !== null && round.score !== undefined && before?.score
    ? round.score - before.score : null;
  return (
    <section aria-label={`Round ${round.number}`}>
      <div className="tl-round">
        <button type="button" className="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <span className="b">Round {round.number}</span>
          <Icon name={isOpen ? "down" : "right"} size={11} />
        </button>
        {round.isOver
          ? <span className="t2 num">{score(round.score)}
            {rise !== null && Math.abs(rise) >= 0.05 && (
              <span className={rise > 0 ? "up" : "down"}>
                {" "}{rise > 0 ? "+" : "−"}{Math.abs(rise).toFixed(1)}</span>)}</span>
          : <span className="t3">not scored yet</span>}
      </div>
      {isOpen && (
        <ol>
          {round.turns.map((turn, at) => (
            <Step key={turn.step} turn={turn} session={session}
              isLast={at === round.turns.length - 1} isChosen={chosen === turn.step}
              choose={() => {
                view.set((now) => ({ ...now, mode: "text",
                  turn: now.turn === turn.step ? null : turn.step }));
                whenChosen();
              }} />))}
        </ol>)}
    </section>);
}

interface TimelineProps {
  story: Story;
  session: Session;
  view: Store<View>;
  whenChosen: () => void;
}

/** What has been done, what is being done, and what may still come. */
export function Timeline({ story, session, view, whenChosen }: TimelineProps) {
  const left = session.max_rounds - story.rounds.length;
  const count = story.rounds.reduce((sum, round) => sum + round.turns.length, 0);
  const isEnded = ["completed", "failed", "cancelled"].includes(story.state ?? session.state);
  return (
    <section aria-labelledby="timeline" tabIndex={0} className="pane">
      <div className="pane-head"><h2 id="timeline">Timeline</h2>
        <span className="right t3 sm">{plural(count, "turn")}</span></div>
      <div className="tl">
        {story.rounds.map((round, at) => (
          <div key={round.number}>
            <RoundPart round={round} before={story.rounds[at - 1]} session={session} view={view}
              isFolded={at < story.rounds.length - unfolded} whenChosen={whenChosen} />
            {story.gates.filter((gate) => gate.afterRound === at + 1).map((gate) => (
              <ul key={gate.name}><GateStep gate={gate} /></ul>))}
          </div>))}
        {story.notes.map((note, at) => <p className="tl-note t3 sm" key={at}>{note}</p>)}
        {!isEnded && left > 0 && (
          <div className="tl-round t3"><span className="b">Ahead</span>
            <span>at most {plural(left, "round")}</span></div>)}
        {isEnded && story.reason && <p className="tl-note t2 sm">{story.reason}</p>}
        {count === 0 && !isEnded && (
          <p className="tl-note t3 sm">Turns appear here as soon as the run begins.</p>)}
      </div>
    </section>);
}
