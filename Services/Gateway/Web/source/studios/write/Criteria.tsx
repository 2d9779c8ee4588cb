import { full } from "../../frame/problem";
import { Icon } from "../../parts/icons";
import { Field } from "../../parts/states";
import { errorAt, type CriterionPlan, type Plan } from "./plan";

const most = 12;

interface Props {
  plan: Pick<Plan, "criteria" | "threshold" | "rounds">;
  change: (part: Partial<Plan>) => void;
  fields: Record<string, string>;
}

/** Weights of any size, shown as their shares of a hundred. */
export function CriteriaList(props: {
  criteria: CriterionPlan[];
  change: (criteria: CriterionPlan[]) => void;
}) {
  const { criteria, change } = props;
  const total = criteria.reduce((sum, one) => sum + one.weight, 0);
  const largest = Math.max(10, ...criteria.map((one) => one.weight));
  const set = (at: number, part: Partial<CriterionPlan>) =>
    change(criteria.map((one, place) => (place === at ? { ...one, ...part } : one)));
  return (
    <>
      <ul className="col g6">
        {criteria.map((one, at) => (
          <li className="criterion" key={at}>
            <input className="input sm quiet" value={one.name} maxLength={60} dir="auto"
              aria-label={`Criterion ${at + 1}: name`}
              onChange={(event) => set(at, { name: event.target.value })} />
            <input type="range" min="0" max={largest > 10 ? 100 : 10} step={largest > 10 ? 5 : 0.5}
              value={one.weight} aria-label={`${one.name || `Criterion ${at + 1}`}: weight`}
              aria-valuetext={share(one.weight, total)}
              onChange={(event) => set(at, { weight: Number(event.target.value) })} />
            <span className="num tr">{share(one.weight, total)}</span>
            <button type="button" className="btn icon ghost sm"
              aria-label={`Remove ${one.name || `criterion ${at + 1}`}`}
              onClick={() => change(criteria.filter((_, place) => place !== at))}>
              <Icon name="close" size={13} /></button>
          </li>))}
      </ul>
      <div className="row between">
        <button type="button" className="btn ghost sm" disabled={criteria.length >= most}
          onClick={() => change([...criteria, { name: "", weight: total / (criteria.length || 1) || 1 }])}>
          <Icon name="plus" size={13} />Add criterion
        </button>
        <span className="t3 sm">Shares of 100%</span>
      </div>
    </>);
}

/** By what the document is judged, and when it is enough. */
export function Criteria({ plan, change, fields }: Props) {
  const error = errorAt(fields, "/criteria");
  const said = (pointer: string) => (fields[pointer] ? full(`This ${fields[pointer]}`) : undefined);
  return (
    <section className="card" aria-labelledby="enough">
      <div className="card-head"><h2 id="enough">When is it good enough?</h2></div>
      <div className="card-body col g12">
        <CriteriaList criteria={plan.criteria} change={(criteria) => change({ criteria })} />
        {error && <p className="err"><Icon name="warning" size={13} />{full(`This ${error}`)}</p>}
        <hr />
        <div className="grid c2 keep2">
          <Field id="threshold" label="Stop at score" error={said("/score_threshold")}>
            <input className="input" id="threshold" type="number" min={0} max={10} step={0.1}
              placeholder="never" value={plan.threshold}
              onChange={(event) => change({ threshold: event.target.value })} />
          </Field>
          <Field id="rounds" label="Rounds, at most" error={said("/max_rounds")}>
            <input className="input" id="rounds" type="number" min={1} max={50} value={plan.rounds}
              onChange={(event) => change({ rounds: event.target.value })} />
          </Field>
        </div>
      </div>
    </section>);
}

function share(weight: number, total: number): string {
  return `${total ? Math.round(weight / total * 100) : 0}%`;
}
