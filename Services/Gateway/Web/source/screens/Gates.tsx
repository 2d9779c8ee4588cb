import { ask } from "../frame/api";
import { ago } from "../frame/format";
import { useQuery } from "../frame/query";
import { Link } from "../frame/router";
import { Empty, Skeleton, Tile, Trouble } from "../parts/states";
import { studioOf, type Run } from "../studios";

function Waiting({ run, isFirst }: { run: Run; isFirst: boolean }) {
  const studio = studioOf(run.studio);
  const gates = useQuery(
    `gates/${run.id}`, () => ask("GET /runs/{id}/gates", { path: { id: run.id } }), 8_000);
  const gate = gates.data?.items.find((one) => one.state === "open");
  return (
    <li className="waiting">
      <Tile icon={studio?.icon ?? "gate"} pigment={studio?.pigment} />
      <span className="grow">
        <span className="md block clip" dir="auto">{gate?.prompt ?? "A decision is needed"}</span>
        <span className="t2 sm block clip" dir="auto">
          {run.title}{gate && ` · asked ${ago(gate.at)}`}</span>
      </span>
      <Link className={isFirst ? "btn primary" : "btn"} href={`/runs/${run.id}`}>Review</Link>
    </li>);
}

export function WaitingList({ runs }: { runs: Run[] }) {
  return (
    <section className="card gate-card" aria-labelledby="waiting">
      <div className="card-head">
        <span className="st wait" aria-hidden="true"><i /></span>
        <h2 id="waiting">Waiting for you</h2>
        <span className="count wait">{runs.length}</span>
      </div>
      <ul className="list">
        {runs.map((run, at) => <Waiting key={run.id} run={run} isFirst={at === 0} />)}
      </ul>
    </section>);
}

/** Every place where a run waits for a person. */
export function Gates() {
  const waiting = useQuery(
    "runs/waiting", () => ask("GET /runs", { query: { state: "waiting", limit: 50 } }), 4_000);
  const runs = waiting.data?.items ?? [];
  return (
    <div className="wrap narrow">
      <div className="page-head"><div className="grow"><h1>Gates</h1>
        <p className="t2 mt4">Runs that wait for your word. They wait as long as you need.</p>
      </div></div>
      {waiting.loading && <section className="card"><Skeleton label="Loading gates" /></section>}
      {waiting.problem && !waiting.data &&
        <section className="card"><Trouble problem={waiting.problem} retry={waiting.reload} /></section>}
      {runs.length > 0 && <WaitingList runs={runs} />}
      {waiting.data && runs.length === 0 && (
        <section className="card">
          <Empty icon="gate" title="Nothing waits for you"
            text="When a run needs a decision it appears here.">
            <Link className="sm mt8" href="/runs?state=running">See what is running</Link>
          </Empty>
        </section>)}
    </div>);
}
