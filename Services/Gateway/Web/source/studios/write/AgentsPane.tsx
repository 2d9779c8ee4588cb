import { Suspense, lazy, useEffect, useMemo, useState } from "react";
import { between, credits, number, plural, score, words } from "../../frame/format";
import { showsTokens } from "../../frame/settings";
import { useStore } from "../../frame/store";
import { Status, Who } from "../../parts/states";
import type { Share } from "./authorship";
import { isOver, type LiveRun, type Session } from "./live";
import { Elapsed } from "./RunHead";
import { pigmentOf, type Story, type Turn } from "./story";

const Scores = lazy(() => import("./Scores"));

interface Props {
  live: LiveRun;
  session: Session;
  story: Story;
  state: string;
  shares: Share[];
}

/** Tokens a second are an estimate: four bytes of English are about one. */
const bytesPerToken = 4;

function useNow(isOn: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isOn]);
  return now;
}

/** The newest words of an answer, for those who want to see that something happens. */
function Arriving({ live, turn }: { live: LiveRun; turn: Turn }) {
  useStore(live.glance);
  const isOn = useStore(showsTokens);
  const now = useNow(true);
  const writing = live.ledger.get(turn.step);
  const text = writing?.text ?? "";
  // Counted once a second: a long text arrives in many pieces.
  const count = useMemo(() => words(live.ledger.get(turn.step)?.text ?? ""), [now, turn.step]);
  const seconds = (now - Date.parse(turn.startedAt)) / 1_000;
  const rate = writing && seconds > 1 ? writing.bytes / bytesPerToken / seconds : 0;
  return (
    <>
      {isOn && text && <p className="t2 sm mt8 tail" dir="auto">{text.slice(-180).trimStart()}</p>}
      <div className="row mt8 sm t3 num">
        <span>{plural(count, "word")}</span>
        {rate >= 1 && <span>about {number(rate)} tok/s</span>}
        <span className="right"><Elapsed from={turn.startedAt} /></span>
      </div>
      <span className="bar mt4" aria-hidden="true"><span className="a moving" /></span>
    </>);
}

function lastLine(turn: Turn): string {
  if (turn.role !== "writer") {
    return `Round ${turn.round}: ${plural(turn.words ?? 0, "word")}` +
      (turn.score !== null && turn.score !== undefined ? `, score ${score(turn.score)}` : "");
  }
  return `Round ${turn.round}: ${turn.suggestions > 0 ? plural(turn.suggestions, "change")
    : plural(turn.words ?? 0, "word")}`;
}

function Agent({ name, role, live, session, story, state }: Omit<Props, "shares"> & {
  name: string; role: string;
}) {
  const turns = story.rounds.flatMap((round) => round.turns).filter((one) => one.agent === name);
  const last = turns[turns.length - 1];
  const isNow = last?.state === "running";
  const said = session.agents.find((agent) => agent.name === name);
  const model = last ? `${last.provider} · ${last.model}`
    : [said?.provider, said?.model].filter(Boolean).join(" · ") || "default model";
  const done = turns.filter((one) => one.state === "done");
  return (
    <div className="agent" data-agent={name}>
      <div className="row">
        <Who name={name} pigment={pigmentOf(session.agents, name)} isLarge />
        <span className="grow">
          <span className="b clip block" dir="auto">{name}</span>
          <span className="t3 sm clip block">{role} · {model}</span>
        </span>
        {isNow ? <Status state="running" word={role === "writer" ? "Writing" : "Reading"} />
          : done.length > 0 ? <Status state="completed" word="Turn done" />
            : <Status state="queued" word={isOver(state) ? "Not asked" : "To come"} />}
      </div>
      {last?.offline && <span className="tag mt8">Offline provider</span>}
      {isNow && <Arriving live={live} turn={last} />}
      {!isNow && last && (
        <p className="t2 sm mt8 row between">
          <span>{lastLine(last)}</span>
          <span className="t3 num">{between(last.startedAt, last.endedAt)}</span>
        </p>)}
    </div>);
}

function Ownership({ shares }: { shares: Share[] }) {
  const label = shares.map((one) => `${one.name} ${Math.round(one.part * 100)}%`).join(", ");
  return (
    <div className="agent">
      <h3>Who wrote what</h3>
      <span className="bar lg mt8" role="img" aria-label={label}>
        {shares.map((one) => (
          <span key={one.name} className={`${one.pigment} p`} style={{ width: `${one.part * 100}%` }} />
        ))}
      </span>
      <dl className="kv mt8">
        {shares.map((one) => [
          <dt key={one.name} className="row g6">
            <span className={`swatch ${one.pigment}`} aria-hidden="true" />{one.name}</dt>,
          <dd key={`${one.name}-part`}>{Math.round(one.part * 100)}%</dd>])}
      </dl>
    </div>);
}

function Cost({ session, story }: { session: Session; story: Story }) {
  const turns = story.rounds.flatMap((round) => round.turns);
  const sum = (value: (turn: Turn) => number) => turns.reduce((all, turn) => all + value(turn), 0);
  const isEstimated = turns.some((turn) => turn.estimated);
  return (
    <div className="agent">
      <h3>Cost</h3>
      <dl className="kv mt8">
        <dt>Tokens in</dt><dd>{isEstimated && "about "}{number(sum((turn) => turn.inputTokens))}</dd>
        <dt>Tokens out</dt><dd>{isEstimated && "about "}{number(sum((turn) => turn.outputTokens))}</dd>
        <dt>Turns</dt><dd>{number(turns.filter((turn) => turn.state === "done").length)}</dd>
        <dt>Spent</dt><dd><b>{credits(session.cost)}</b> credits</dd>
      </dl>
    </div>);
}

function References({ session }: { session: Session }) {
  if (session.references.length === 0) return null;
  return (
    <div className="agent">
      <h3>References</h3>
      <dl className="kv mt8">
        {session.references.map((one, at) => [
          <dt key={at} className="clip">{one.name}</dt>,
          <dd key={`${at}-tokens`}>{number(one.tokens)} tokens</dd>])}
      </dl>
    </div>);
}

export function AgentsPane(props: Props) {
  const { session, story, shares } = props;
  const hasScores = story.rounds.some((round) => round.isOver);
  return (
    <section aria-labelledby="agents" tabIndex={0} className="pane">
      <div className="pane-head"><h2 id="agents">Agents</h2>
        <span className="right t3 sm">{session.agents.length} in order of turn</span></div>
      {session.agents.map((agent) => (
        <Agent key={agent.name} {...props} name={agent.name} role={agent.role} />))}
      {hasScores && (
        <Suspense fallback={<div className="agent"><h3>Score</h3></div>}>
          <Scores session={session} story={story} />
        </Suspense>)}
      {shares.length > 0 && <Ownership shares={shares} />}
      <Cost session={session} story={story} />
      <References session={session} />
    </section>);
}
