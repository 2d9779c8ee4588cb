import { ask } from "../../frame/api";
import { credits, tokens } from "../../frame/format";
import type { Problem } from "../../frame/problem";
import { useQuery } from "../../frame/query";
import { Icon } from "../../parts/icons";
import { Skeleton } from "../../parts/states";
import type { Plan } from "./plan";
import { useEstimate, type Estimate } from "./useEstimate";

const range = (
  { from, to }: { from: number; to: number }, show: (value: number) => string,
): string => (show(from) === show(to) ? show(to) : `${show(from)} to ${show(to)}`);

/** What it may cost, as the server reckons it, from one round to all of them. */
export function EstimateCard({ plan }: { plan: Plan }) {
  const { data, problem, isLoading, retry } = useEstimate(plan);
  return (
    <section className="card" aria-labelledby="estimate" aria-busy={isLoading}>
      <div className="card-head"><h2 id="estimate">Estimate</h2>
        <span className="right t3 sm">{isLoading ? "updating …" : "updates as you edit"}</span></div>
      {data ? <Figures found={data} />
        : problem ? <NoEstimate problem={problem} retry={retry} />
          : <Skeleton label="Loading the estimate" rows={2} />}
    </section>);
}

function Figures({ found }: { found: Estimate }) {
  const money = useQuery("billing", () => ask("GET /billing/status")).data;
  const isShort = money && !money.credits.unlimited && money.credits.available < found.credits.to;
  const dollars = range(found.dollars, (value) => `$${value.toFixed(2)}`);
  return (
    <div className="card-body">
      <div className="stat"><div className="v">{range(found.credits, credits)} credits</div>
        <div className="k">{found.is_offline ? "the offline provider costs only the turn fee"
          : found.is_priced ? `about ${dollars} at list price`
            : "a model here has no price; only the turn fee is known"}</div></div>
      <dl className="kv mt12">
        <dt>Turns</dt><dd>{range(found.turns, String)}</dd>
        <dt>Tokens in / out</dt>
        <dd>at most {tokens(found.input_tokens.to)} / {tokens(found.output_tokens.to)}</dd>
        <dt>Held at the start</dt><dd>{credits(found.held)}</dd>
        {money && <><dt>You have</dt>
          <dd>{money.credits.unlimited ? "unlimited" : credits(money.credits.available)}</dd></>}
      </dl>
      {isShort && <p className="sm mt8 wait-text row top"><Icon name="info" size={13} />
        All rounds may need more than you have. It stops cleanly at a step if credits run out.</p>}
      <p className="hint mt8">An estimate, from one round to all of them, and no promise. What is
        held and not spent comes back.</p>
    </div>);
}

/** A plan that is not whole yet is nothing to be alarmed about. */
function NoEstimate({ problem, retry }: { problem: Problem; retry: () => void }) {
  const isUnfinished = Object.keys(problem.fields).length > 0;
  return (
    <div className="card-body col" role="status">
      <p className="b">{isUnfinished ? "No estimate yet." : "The estimate could not be made."}</p>
      <p className="t2">{problem.sentence}</p>
      {!isUnfinished && (
        <div className="row mt4">
          <button type="button" className="btn sm" onClick={retry}>
            <Icon name="retry" size={14} />Try again
          </button>
        </div>)}
    </div>);
}
