import { Icon } from "../../parts/icons";
import { Who } from "../../parts/states";
import { pigmentOf } from "../../studios/write/story";
import type { Step } from "./shape";

interface Props {
  steps: Step[];
  agents: Array<{ name: string; role: string }>;
  change: (steps: Step[]) => void;
  /** A place before the number, such as "2." */
  prefix?: string;
}

const rejections: Array<[string, string]> = [
  ["revise", "the last writer revises and asks again"], ["continue", "the run goes on"],
  ["stop", "the run ends"],
];

function AgentPick(props: {
  label: string; value: string; agents: Props["agents"]; onChange: (name: string) => void;
}) {
  return (
    <select className="select sm auto" aria-label={props.label} value={props.value}
      onChange={(event) => props.onChange(event.target.value)}>
      {!props.agents.some((one) => one.name === props.value) &&
        <option value={props.value}>{props.value || "nobody"}</option>}
      {props.agents.map((one) => <option key={one.name}>{one.name}</option>)}
    </select>);
}

function GateStep({ step, at, set }: {
  step: Extract<Step, { gate: unknown }>; at: string; set: (step: Step) => void;
}) {
  const { gate } = step;
  const put = (part: Partial<typeof gate>) => set({ gate: { ...gate, ...part } });
  return (
    <div className="col g6 grow">
      <span className="row b wait-text"><Icon name="gate" />Gate: a person decides</span>
      <input className="input sm" aria-label={`Step ${at}: question`} value={gate.prompt} dir="auto"
        placeholder="What the person is asked"
        onChange={(event) => put({ prompt: event.target.value })} />
      <span className="row wrap sm t2">
        <label htmlFor={`reject-${at}`}>If sent back,</label>
        <select className="select sm auto" id={`reject-${at}`} value={gate.on_reject ?? "revise"}
          onChange={(event) => put({ on_reject: event.target.value })}>
          {rejections.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </span>
    </div>);
}

function LoopStep({ step, at, set, agents }: {
  step: Extract<Step, { loop: unknown }>; at: string; set: (step: Step) => void;
  agents: Props["agents"];
}) {
  const { loop } = step;
  return (
    <div className="col g6 grow">
      <span className="row wrap sm">
        <b className="row"><Icon name="retry" />Rounds</b>
        <label htmlFor={`max-${at}`} className="t2">at most</label>
        <input className="input sm small" type="number" min={1} max={50} id={`max-${at}`}
          value={loop.max}
          onChange={(event) => set({ loop: { ...loop, max: Number(event.target.value) } })} />
        <label htmlFor={`until-${at}`} className="t2">or until the score is</label>
        <input className="input sm small" type="number" min={0} max={10} step={0.1}
          id={`until-${at}`} value={loop.until?.score ?? ""} placeholder="never"
          onChange={(event) => set({ loop: { ...loop, until: { ...loop.until,
            score: event.target.value === "" ? undefined : Number(event.target.value) } } })} />
      </span>
      <div className="step-in">
        <StepList steps={loop.steps} agents={agents} prefix={`${at}.`}
          change={(steps) => set({ loop: { ...loop, steps } })} />
      </div>
    </div>);
}

function ParallelStep({ step, at, set, agents }: {
  step: Extract<Step, { parallel: unknown }>; at: string; set: (step: Step) => void;
  agents: Props["agents"];
}) {
  const reviewers = agents.filter((one) => one.role !== "writer");
  return (
    <fieldset className="bare col g4 grow">
      <legend className="b">Critics at once</legend>
      <span className="row wrap g12">
        {reviewers.map((one) => (
          <label className="check" key={one.name}>
            <input type="checkbox" checked={step.parallel.includes(one.name)}
              aria-label={`Step ${at}: ${one.name}`}
              onChange={(event) => set({ ...step, parallel: event.target.checked
                ? [...step.parallel, one.name]
                : step.parallel.filter((name) => name !== one.name) })} />
            <span>{one.name}</span>
          </label>))}
        {reviewers.length === 0 && <span className="hint">There is no critic or editor yet.</span>}
      </span>
    </fieldset>);
}

/** The steps in order: an outline that is worked on with the keyboard as well as with a mouse. */
export function StepList({ steps, agents, change, prefix = "" }: Props) {
  const set = (at: number, step: Step) => change(steps.map((one, place) => (place === at ? step : one)));
  const swap = (at: number, to: number) => {
    const next = [...steps];
    [next[at], next[to]] = [next[to], next[at]];
    change(next);
  };
  const add = (step: Step) => change([...steps, step]);
  const first = agents[0]?.name ?? "";
  return (
    <div className="col g6">
      <ol className="col g6">
        {steps.map((step, place) => {
          const at = `${prefix}${place + 1}`;
          return (
            <li key={place} className={`card step-card row top${"gate" in step ? " gate-card" : ""}`}>
              <span className="t3 num sm step-at">{at}</span>
              {"turn" in step && (
                <span className="row grow">
                  <Who name={step.turn} pigment={pigmentOf(agents, step.turn)} />
                  <AgentPick label={`Step ${at}: agent`} value={step.turn} agents={agents}
                    onChange={(turn) => set(place, { turn })} />
                  <span className="t3 sm">takes a turn</span>
                </span>)}
              {"parallel" in step && <ParallelStep step={step} at={at} agents={agents}
                set={(next) => set(place, next)} />}
              {"gate" in step && <GateStep step={step} at={at} set={(next) => set(place, next)} />}
              {"loop" in step && <LoopStep step={step} at={at} agents={agents}
                set={(next) => set(place, next)} />}
              <span className="row g4">
                <button type="button" className="btn icon ghost sm" disabled={place === 0}
                  aria-label={`Move step ${at} up`} onClick={() => swap(place, place - 1)}>
                  <Icon name="up" size={13} /></button>
                <button type="button" className="btn icon ghost sm" aria-label={`Remove step ${at}`}
                  onClick={() => change(steps.filter((_, other) => other !== place))}>
                  <Icon name="close" size={13} /></button>
              </span>
            </li>);
        })}
      </ol>
      <span className="row wrap g4">
        <button type="button" className="btn ghost sm" onClick={() => add({ turn: first })}>
          <Icon name="plus" size={13} />Turn</button>
        <button type="button" className="btn ghost sm" onClick={() => add({ parallel: [] })}>
          <Icon name="plus" size={13} />Critics at once</button>
        <button type="button" className="btn ghost sm" onClick={() => add({ gate: {
          name: `gate-${steps.length + 1}`, prompt: "", on_reject: "revise" } })}>
          <Icon name="plus" size={13} />Gate</button>
        {prefix === "" && (
          <button type="button" className="btn ghost sm" onClick={() => add({ loop: {
            max: 3, until: {}, steps: [{ turn: first }] } })}>
            <Icon name="plus" size={13} />Rounds</button>)}
      </span>
    </div>);
}
