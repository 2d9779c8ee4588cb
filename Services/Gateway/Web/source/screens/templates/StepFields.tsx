import { full } from "../../frame/problem";
import { Icon } from "../../parts/icons";
import { Field } from "../../parts/states";
import { AgentFields } from "./AgentFields";
import { At, numberOf, said, type InspectorProps } from "./fields";
import { faultAt, type Gate, type Loop, type Step } from "./shape";

const rejections = [
  ["revise", "The last writer revises and asks again"], ["continue", "The run goes on"],
  ["stop", "The run ends"],
];


export function TurnFields(props: InspectorProps & { name: string; pointer: string; pick: (name: string) => void }) {
  const { file, name, pointer, pick } = props;
  const at = file.agents.findIndex((one) => one.name === name);
  return (
    <>
      <At {...props} id="turn-agent" label="Who" pointer={pointer}
        hint="What you change below counts wherever this agent has a turn.">
        <select className="select" value={name} {...said("turn-agent", props.faults, pointer)}
          onChange={(event) => pick(event.target.value)}>
          {at < 0 && <option value={name}>{name || "Nobody yet"}</option>}
          {file.agents.map((one) => <option key={one.name}>{one.name}</option>)}
        </select>
      </At>
      {at >= 0 && <AgentFields {...props} at={at} />}
    </>);
}

export function GateFields(props: InspectorProps & { gate: Gate; put: (gate: Gate) => void }) {
  const { gate, put, chosen, faults } = props;
  const pointer = `${chosen}/gate`;
  return (
    <>
      <At {...props} id="gate-prompt" label="What the person is asked" pointer={`${pointer}/prompt`}>
        <textarea className="textarea" rows={3} value={gate.prompt} dir="auto"
          {...said("gate-prompt", faults, `${pointer}/prompt`)}
          onChange={(event) => put({ ...gate, prompt: event.target.value })} />
      </At>
      <At {...props} id="gate-reject" label="If it is sent back" pointer={`${pointer}/on_reject`}>
        <select className="select" value={gate.on_reject ?? "revise"}
          {...said("gate-reject", faults, `${pointer}/on_reject`)}
          onChange={(event) => put({ ...gate, on_reject: event.target.value })}>
          {rejections.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </At>
      <At {...props} id="gate-hours" label="Open for, in hours" pointer={`${pointer}/hours`}
        hint="Leave it empty and it waits for as long as it takes.">
        <input className="input" type="number" min={0.01} step="any" value={gate.hours ?? ""}
          {...said("gate-hours", faults, `${pointer}/hours`)}
          onChange={(event) => put({ ...gate, hours: numberOf(event.target.value) })} />
      </At>
      <At {...props} id="gate-name" label="Its id in the run" pointer={`${pointer}/name`}
        hint="Small letters, digits and hyphens.">
        <input className="input mono" value={gate.name} maxLength={40}
          {...said("gate-name", faults, `${pointer}/name`)}
          onChange={(event) => put({ ...gate, name: event.target.value })} />
      </At>
    </>);
}

export function LoopFields(props: InspectorProps & { loop: Loop; put: (loop: Loop) => void }) {
  const { loop, put, chosen, faults } = props;
  const pointer = `${chosen}/loop`;
  const until = loop.until ?? {};
  const wrong = faultAt(faults, `${pointer}/steps`);
  return (
    <>
      <div className="grid c2 keep2 g12">
        <At {...props} id="loop-max" label="Rounds, at most" pointer={`${pointer}/max`}>
          <input className="input" type="number" min={1} max={10} value={loop.max}
            {...said("loop-max", faults, `${pointer}/max`)}
            onChange={(event) => put({ ...loop, max: Number(event.target.value) })} />
        </At>
        <At {...props} id="loop-score" label="Stop at score" pointer={`${pointer}/until/score`}>
          <input className="input" type="number" min={0} max={10} step={0.1} placeholder="never"
            value={until.score ?? ""} {...said("loop-score", faults, `${pointer}/until/score`)}
            onChange={(event) => put({ ...loop, until: { ...until, score: numberOf(event.target.value) } })} />
        </At>
      </div>
      <label className="check">
        <input type="checkbox" checked={!!until.plateau} onChange={(event) => put({ ...loop, until: {
          ...until, plateau: event.target.checked ? { rounds: 2, within: 0.1 } : undefined } })} />
        <span>Stop when two rounds bring no better score</span>
      </label>
      {wrong && <p className="err"><Icon name="warning" size={13} />{full(`The loop ${wrong}`)}</p>}
      <p className="hint">Steps that you add while the loop is chosen go into it.</p>
    </>);
}

export function SideFields(props: InspectorProps & {
  step: Extract<Step, { parallel: string[] }>; put: (step: Step) => void;
}) {
  const { file, step, put, chosen, faults } = props;
  const reviewers = file.agents.filter((one) => one.role !== "writer");
  const wrong = faults.filter((one) => one.pointer.startsWith(`${chosen}/parallel`));
  return (
    <>
      <fieldset className="bare col g6">
        <legend className="label">Who reads at once</legend>
        {reviewers.map((one) => (
          <label className="check" key={one.name}>
            <input type="checkbox" checked={step.parallel.includes(one.name)}
              onChange={(event) => put({ ...step, parallel: event.target.checked
                ? [...step.parallel, one.name] : step.parallel.filter((name) => name !== one.name) })} />
            <span>{one.name}</span>
          </label>))}
        {reviewers.length < 2 && <p className="hint">It takes two critics or editors. Add an agent under
          “About this template”.</p>}
        {wrong.map((one, at) => <p className="err" key={at}><Icon name="warning" size={13} />
          {full(`This step ${one.detail}`)}</p>)}
      </fieldset>
      <Field id="side-merge" label="What the next writer gets">
        <select className="select" id="side-merge" value={step.merge ?? "notes"}
          onChange={(event) => put({ ...step, merge: event.target.value })}>
          <option value="notes">One list, each note once</option>
          <option value="none">Every review as it was written</option>
        </select>
      </Field>
    </>);
}
