import type { ReactNode } from "react";
import { full } from "../../frame/problem";
import { Icon } from "../../parts/icons";
import { Who } from "../../parts/states";
import { CriteriaList } from "../../studios/write/Criteria";
import { pigmentOf } from "../../studios/write/story";
import { AgentFields } from "./AgentFields";
import { At, said, type InspectorProps } from "./fields";
import { home, nameOf, placed, withList, withStep, type Step } from "./shape";
import { GateFields, LoopFields, SideFields, TurnFields } from "./StepFields";

const mostAgents = 4;

function About(props: InspectorProps) {
  const { file, change, faults } = props;
  const wrong = faults.filter((one) => one.pointer.startsWith("/criteria"));
  return (
    <>
      <At {...props} id="template-summary" label="What it is good for" pointer="/summary">
        <textarea className="textarea" rows={3} value={file.summary} dir="auto" maxLength={2_000}
          {...said("template-summary", faults, "/summary")}
          onChange={(event) => change({ ...file, summary: event.target.value })} />
      </At>
      <div className="field"><span className="label">Judged by</span>
        <CriteriaList criteria={file.criteria} change={(criteria) => change({ ...file, criteria })} />
        {wrong.map((one, at) => (
          <span className="err" key={at}><Icon name="warning" size={13} />
            {full(`${place(one.pointer)} ${one.detail}`)}</span>))}
      </div>
      <button type="button" className="btn sm" disabled={file.agents.length >= mostAgents}
        onClick={() => {
          change({ ...file, agents: [...file.agents,
            { name: `Critic ${file.agents.length}`, role: "critic", instructions: "", temperature: 0.2 }] });
          props.choose(`/agents/${file.agents.length}`);
        }}>
        <Icon name="plus" size={13} />Add an agent</button>
    </>);
}

/** "/criteria/0/weight" as a person says it. */
function place(pointer: string): string {
  const [, , at, field] = pointer.split("/");
  return at === undefined ? "The list" : `The ${field ?? "place"} of criterion ${Number(at) + 1}`;
}

/** What is chosen, with all that can be said of it. */
export function Inspector(props: InspectorProps) {
  const { file, chosen, change, choose } = props;
  const agent = /^\/agents\/(\d+)$/.exec(chosen);
  const inSide = /^(.*)\/parallel\/(\d+)$/.exec(chosen);
  const step = placed(file.steps).find((one) => one.pointer === (inSide?.[1] ?? chosen));
  const put = (next: Step) => change({ ...file, steps: withStep(file.steps, step?.pointer ?? "", next) });
  if (agent && file.agents[Number(agent[1])]) {
    const at = Number(agent[1]);
    const { name } = file.agents[at];
    const canGo = file.agents.length > 2;
    return (
      <Pane title={name || `Agent ${at + 1}`} mark={<Who name={name} pigment={pigmentOf(file.agents, name)} isLarge />}
        acts={<button type="button" className="btn ghost sm danger" disabled={!canGo} onClick={() => {
          change({ ...file, agents: file.agents.filter((_, place) => place !== at) });
          choose("");
        }}>Remove</button>}>
        <AgentFields {...props} at={at} />
      </Pane>);
  }
  if (!step) return <Pane title="About this template"><About {...props} /></Pane>;
  const name = inSide && "parallel" in step.step ? step.step.parallel[Number(inSide[2])] ?? "" : "";
  return (
    <Pane title={inSide ? name : nameOf(step.step)} acts={inSide ? undefined : <StepActs {...props} />}>
      {inSide && <AgentFieldsOf {...props} name={name} />}
      {!inSide && "turn" in step.step && <TurnFields {...props} name={step.step.turn}
        pointer={`${chosen}/turn`} pick={(turn) => put({ turn })} />}
      {!inSide && "gate" in step.step && <GateFields {...props} gate={step.step.gate}
        put={(gate) => put({ gate })} />}
      {!inSide && "loop" in step.step && <LoopFields {...props} loop={step.step.loop}
        put={(loop) => put({ loop })} />}
      {!inSide && "parallel" in step.step && <SideFields {...props} step={step.step} put={put} />}
    </Pane>);
}

function AgentFieldsOf(props: InspectorProps & { name: string }) {
  const at = props.file.agents.findIndex((one) => one.name === props.name);
  if (at < 0) return <p className="t2">There is no agent “{props.name}”. Choose others for this step.</p>;
  return <AgentFields {...props} at={at} />;
}

function StepActs({ file, chosen, change, choose }: InspectorProps) {
  const { list, at } = home(chosen);
  const count = placed(file.steps).filter((one) => home(one.pointer).list === list).length;
  const move = (to: number) => {
    change({ ...file, steps: withList(file.steps, list, (all) => {
      const next = [...all];
      [next[at], next[to]] = [next[to], next[at]];
      return next;
    }) });
    choose(`${list}/${to}`);
  };
  return (
    <>
      <button type="button" className="btn icon ghost sm" disabled={at === 0} aria-label="Move up"
        onClick={() => move(at - 1)}><Icon name="up" size={13} /></button>
      <button type="button" className="btn icon ghost sm" disabled={at === count - 1}
        aria-label="Move down" onClick={() => move(at + 1)}><Icon name="downward" size={13} /></button>
      <button type="button" className="btn ghost sm danger" onClick={() => {
        change({ ...file, steps: withList(file.steps, list, (all) =>
          all.filter((_, place) => place !== at)) });
        choose("");
      }}>Remove</button>
    </>);
}

function Pane(props: { title: string; mark?: ReactNode; acts?: ReactNode; children: ReactNode }) {
  return (
    <section aria-labelledby="inspector" className="flow-inspector">
      <div className="card-head">{props.mark}
        <h2 id="inspector" className="clip grow" dir="auto">{props.title}</h2>
        <span className="row g4 nowrap">{props.acts}</span></div>
      <div className="card-body col g12">{props.children}</div>
    </section>);
}
