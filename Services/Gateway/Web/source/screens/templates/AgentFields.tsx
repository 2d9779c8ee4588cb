import { full } from "../../frame/problem";
import { Icon } from "../../parts/icons";
import { Field } from "../../parts/states";
import { ModelPick } from "../../studios/write/AgentRows";
import { At, said, type InspectorProps } from "./fields";
import { faultAt, renamed, type TemplateAgent } from "./shape";

const roles = [["writer", "Writer"], ["editor", "Editor"], ["critic", "Critic"]];

/** One agent of the cast. */
export function AgentFields(props: InspectorProps & { at: number }) {
  const { file, at, faults, models } = props;
  const agent = file.agents[at];
  const pointer = `/agents/${at}`;
  const set = (part: Partial<TemplateAgent>) => props.change({
    ...file, agents: file.agents.map((one, place) => (place === at ? { ...one, ...part } : one)),
    steps: part.name === undefined ? file.steps : renamed(file.steps, agent.name, part.name),
  });
  const model = agent.provider && agent.model ? `${agent.provider}/${agent.model}` : agent.model ?? "";
  const temperature = agent.temperature ?? 0.4;
  const own = faultAt(faults, pointer);
  const modelFault = faultAt(faults, `${pointer}/model`) ?? faultAt(faults, `${pointer}/provider`);
  return (
    <>
      {own && <p className="err"><Icon name="warning" size={13} />{full(`This agent ${own}`)}</p>}
      <At {...props} id="agent-name" label="Name" pointer={`${pointer}/name`}>
        <input className="input" value={agent.name} maxLength={80} dir="auto"
          {...said("agent-name", faults, `${pointer}/name`)}
          onChange={(event) => set({ name: event.target.value })} />
      </At>
      <div className="grid c2 keep2 g12">
        <At {...props} id="agent-role" label="Role" pointer={`${pointer}/role`}>
          <select className="select" value={agent.role} {...said("agent-role", faults, `${pointer}/role`)}
            onChange={(event) => set({ role: event.target.value })}>
            {roles.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
          </select>
        </At>
        <div className="field"><span className="label" aria-hidden="true">Model</span>
          <ModelPick label="Model" value={model} models={models} change={(value) => {
            const slash = value.indexOf("/");
            set(slash > 0 ? { provider: value.slice(0, slash), model: value.slice(slash + 1) }
              : { provider: undefined, model: value || undefined });
          }} />
          {modelFault && <span className="err"><Icon name="warning" size={13} />
            {full(`This ${modelFault}`)}</span>}
        </div>
      </div>
      <At {...props} id="agent-instructions" label="Instructions" pointer={`${pointer}/instructions`}>
        <textarea className="textarea" rows={6} value={agent.instructions ?? ""} dir="auto"
          placeholder="What this agent cares for"
          {...said("agent-instructions", faults, `${pointer}/instructions`)}
          onChange={(event) => set({ instructions: event.target.value })} />
      </At>
      <Field id="agent-temperature" label="Temperature" end={
        <span className="t2 num sm">{temperature.toFixed(1)}</span>}
        error={faultAt(faults, `${pointer}/temperature`)}>
        <input type="range" id="agent-temperature" min="0" max="2" step="0.1" value={temperature}
          onChange={(event) => set({ temperature: Number(event.target.value) })} />
      </Field>
    </>);
}
