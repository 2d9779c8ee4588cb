import { useMemo } from "react";
import { ask } from "../../frame/api";
import { credits, tokens } from "../../frame/format";
import { useQuery } from "../../frame/query";
import { Icon } from "../../parts/icons";
import { estimate, type Model, type Plan } from "./plan";

const range = (from: number, to: number, show: (value: number) => string): string =>
  (show(from) === show(to) ? show(to) : `${show(from)} to ${show(to)}`);

/** What it may cost, from one round to all of them. */
export function EstimateCard({ plan, models }: { plan: Plan; models: Model[] }) {
  const money = useQuery("billing", () => ask("GET /billing/status")).data;
  const references = plan.references.reduce((sum, one) => sum + one.bytes / 4, 0);
  const found = useMemo(() => estimate(plan, models, references), [plan, models, references]);
  const isShort = money && !money.credits.unlimited && money.credits.available < found.credits[1];
  return (
    <section className="card" aria-labelledby="estimate">
      <div className="card-head"><h2 id="estimate">Estimate</h2>
        <span className="right t3 sm">updates as you edit</span></div>
      <div className="card-body">
        <div className="stat"><div className="v">
          {range(found.credits[0], found.credits[1], credits)} credits</div>
          <div className="k">{found.isOffline ? "the offline provider costs only the turn fee"
            : found.isPriced
              ? `about ${range(found.dollars[0], found.dollars[1], (value) =>
                `$${value.toFixed(2)}`)} at list price`
              : "a model here has no price; only the turn fee is known"}</div></div>
        <dl className="kv mt12">
          <dt>Turns</dt><dd>{range(found.turns[0], found.turns[1], String)}</dd>
          <dt>Tokens in / out</dt>
          <dd>at most {tokens(found.tokensIn)} / {tokens(found.tokensOut)}</dd>
          {money && <><dt>You have</dt>
            <dd>{money.credits.unlimited ? "unlimited" : credits(money.credits.available)}</dd></>}
        </dl>
        {isShort && <p className="sm mt8 wait-text row top"><Icon name="info" size={13} />
          All rounds may need more than you have. It stops cleanly at a step if credits run out.</p>}
        <p className="hint mt8">From one round to all of them. What is held and not spent comes
          back.</p>
      </div>
    </section>);
}
