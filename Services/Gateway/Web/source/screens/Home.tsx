import { ask, type Reply } from "../frame/api";
import { between, credits, number, plural, tokens } from "../frame/format";
import { useQuery } from "../frame/query";
import { Link } from "../frame/router";
import { person } from "../frame/session";
import { Keys } from "../frame/shortcuts";
import { useStore } from "../frame/store";
import { Bar, Empty, Skeleton, Status, Tile, Trouble } from "../parts/states";
import { OfflineBanner } from "../parts/OfflineBanner";
import { RunTable } from "../parts/RunTable";
import { studioOf, studios, type Run } from "../studios";
import { WaitingList } from "./Gates";

function greeting(name: string): string {
  const hour = new Date().getHours();
  const time = hour < 5 ? "evening" : hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
  return `Good ${time}${name ? `, ${name.split(" ")[0]}` : ""}`;
}

const list = (state?: string) => () => ask("GET /runs", { query: { state, limit: 50 } });

export function Home() {
  const me = useStore(person);
  const waiting = useQuery("runs/waiting", list("waiting"), 4_000);
  const running = useQuery("runs/running", list("running"), 4_000);
  const paused = useQuery("runs/paused", list("paused"), 8_000);
  const recent = useQuery("runs/recent", () => ask("GET /runs", { query: { limit: 12 } }), 4_000);
  const gates = waiting.data?.items ?? [];
  const work = [...(running.data?.items ?? []), ...(paused.data?.items ?? [])];
  const ended = (recent.data?.items ?? [])
    .filter((run) => !["running", "waiting", "paused"].includes(run.state)).slice(0, 8);
  const isNew = recent.data?.items.length === 0;
  return (
    <div className="wrap">
      <div className="page-head"><div className="grow">
        <h1>{greeting(me?.name ?? "")}</h1>
        <p className="t2 mt4">{summary(gates.length, running.data?.items.length ?? 0)}</p>
      </div></div>
      <OfflineBanner isBox />
      <div className="grid side-r">
        <div className="col g16">
          {gates.length > 0 && <WaitingList runs={gates} />}
          {work.length > 0 && (
            <section className="card" aria-labelledby="running">
              <div className="card-head"><h2 id="running">Running now</h2>
                <span className="count">{work.length}</span></div>
              <ul>{work.map((run) => <Working key={run.id} run={run} />)}</ul>
            </section>)}
          <section className="card" aria-labelledby="recent">
            <div className="card-head"><h2 id="recent">Recent runs</h2>
              <Link className="right sm" href="/runs">All runs</Link></div>
            {recent.loading && <Skeleton label="Loading runs" />}
            {recent.problem && !recent.data &&
              <Trouble problem={recent.problem} retry={recent.reload} />}
            {isNew && (
              <Empty icon="write" pigment="ultra" title="No documents yet"
                text="Give two agents a title and a few lines. They come back with a draft and an argument.">
                <Link className="btn primary" href="/write/new">New Write session</Link>
                <Link className="sm" href="/templates">Start from a template</Link>
              </Empty>)}
            {!isNew && recent.data && ended.length === 0 &&
              <p className="card-body t2">Nothing has ended yet.</p>}
            {ended.length > 0 && <RunTable runs={ended} />}
          </section>
        </div>
        <div className="col g16"><Begin /><Month /></div>
      </div>
    </div>);
}

function summary(gates: number, running: number): string {
  const first = gates === 0 ? "Nothing waits for you."
    : gates === 1 ? "One run waits for you." : `${number(gates)} runs wait for you.`;
  const second = running === 0 ? "" : running === 1 ? " One is working." : ` ${running} are working.`;
  return first + second;
}

function Working({ run }: { run: Run }) {
  const studio = studioOf(run.studio);
  const isPaused = run.state === "paused";
  return (
    <li className="working">
      <div className="row">
        <Tile icon={studio?.icon ?? "runs"} pigment={studio?.pigment} size="xs" />
        <Link className="md clip grow plain" href={`/runs/${run.id}`}>{run.title}</Link>
        <Status state={run.state} />
      </div>
      <div className="row mt8">
        <span className="grow"><Bar part={run.progress} kind={isPaused ? "" : "a"}
          label={`${Math.round(run.progress * 100)} percent done`} /></span>
        <span className="t3 sm num">
          {between(run.started_at)} · {plural(Number(credits(run.cost)), "credit")}
        </span>
      </div>
      {run.current_step && <p className="t2 sm mt4 clip">{stepName(run.current_step)}</p>}
    </li>);
}

/** "2.loop/1.round/0.turn/1.ask" is a place in the journal; a person wants to know the round. */
function stepName(step: string): string {
  const round = /(\d+)\.round/.exec(step);
  return round ? `In round ${Number(round[1]) + 1}` : "At work";
}

function Begin() {
  return (
    <section className="card" aria-labelledby="begin">
      <div className="card-head"><h2 id="begin">Start something</h2></div>
      <ul className="begin">
        {studios.map((studio) => (
          <li key={studio.id}><Link className="nav tall" href={studio.start}>
            <Tile icon={studio.icon} pigment={studio.pigment} />
            <span className="grow">
              <span className="md block">{studio.name}</span>
              <span className="t3 sm clip block">{studio.summary}</span>
            </span>
            <span className="row g4 hide-s"><Keys keys={`N ${studio.key}`} /></span>
          </Link></li>))}
        <li><Link className="nav tall" href="/templates">
          <Tile icon="templates" />
          <span className="grow"><span className="md block">From a template</span>
            <span className="t3 sm clip block">Workflows that are ready to run</span></span>
          <span className="row g4 hide-s"><Keys keys="G T" /></span>
        </Link></li>
      </ul>
    </section>);
}

type Usage = Reply<"GET /analytics/usage">;

function Month() {
  const usage = useQuery("usage", () => ask("GET /analytics/usage"), 15_000);
  const stats = useQuery("stats", () => ask("GET /users/me/stats"), 15_000).data;
  const now = new Date();
  const month = now.toLocaleDateString(undefined, { month: "long" });
  if (!usage.data) {
    return (
      <section className="card" aria-label="Usage">
        {usage.problem ? <Trouble problem={usage.problem} retry={usage.reload} />
          : <Skeleton label="Loading usage" rows={2} />}
      </section>);
  }
  const { totals } = usage.data;
  const states = new Map((stats?.runs ?? []).map((one) => [one.state, one.count]));
  const over = (states.get("completed") ?? 0) + (states.get("failed") ?? 0);
  return (
    <section className="card" aria-labelledby="month">
      <div className="card-head"><h2 id="month">{month}</h2></div>
      <div className="card-body">
        <div className="row between end-items">
          <div className="stat"><div className="v">{number(totals.turns)}</div>
            <div className="k">agent turns so far</div></div>
          <div className="stat tr">
            <div className="v">${(totals.cost_micro_usd / 1e6).toFixed(2)}</div>
            <div className="k">at the providers</div></div>
        </div>
        <Days usage={usage.data} today={now} />
        <hr className="mt12 gap-b" />
        <dl className="kv">
          <dt>Runs</dt><dd>{number([...states.values()].reduce((a, b) => a + b, 0))}</dd>
          <dt>Finished well</dt>
          <dd>{over ? `${Math.round((states.get("completed") ?? 0) / over * 100)}%` : "–"}</dd>
          <dt>Tokens in / out</dt>
          <dd>{tokens(totals.input_tokens)} / {tokens(totals.output_tokens)}</dd>
          {usage.data.models.slice(0, 3).map((model) => [
            <dt key={model.name} className="clip">{model.name}</dt>,
            <dd key={`${model.name}-turns`}>{plural(model.totals.turns, "turn")}</dd>])}
        </dl>
      </div>
    </section>);
}

function Days({ usage, today }: { usage: Usage; today: Date }) {
  const byDay = new Map(usage.days.map((day) => [day.name, day.totals.turns]));
  const days = Array.from({ length: today.getDate() }, (_, at) => {
    const day = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}-` +
      String(at + 1).padStart(2, "0");
    return byDay.get(day) ?? 0;
  });
  const most = Math.max(...days, 1);
  const width = 272 / Math.max(days.length, 14);
  const label = `Agent turns a day this month, ${most} at most, today ${days[days.length - 1]}`;
  return (
    <figure className="mt12">
      <svg viewBox="0 0 272 54" className="wide" role="img" aria-label={label}>
        {days.map((count, at) => {
          const height = Math.max(1.5, count / most * 50);
          return <rect key={at} x={at * width} y={52 - height} width={width - 3} height={height}
            rx="1.5" className={at === days.length - 1 ? "day today" : "day"} />;
        })}
      </svg>
      <figcaption className="row between xs t3 mt4">
        <span>1st</span><span>Today, {today.getDate()}</span>
      </figcaption>
    </figure>);
}

