import { useState } from "react";
import { ask } from "../../frame/api";
import { full } from "../../frame/problem";
import { useQuery } from "../../frame/query";
import { Link } from "../../frame/router";
import { Icon } from "../../parts/icons";
import { Who } from "../../parts/states";
import { errorAt, nextId, type AgentPlan, type Model } from "./plan";
import { pigmentOf } from "./story";

const most = 4;
const fewest = 2;
/** The choice by which a model is typed in. */
const other = "/";
const roles: Array<[AgentPlan["role"], string]> = [
  ["writer", "Writer"], ["editor", "Editor"], ["critic", "Critic"],
];
const aliases: Array<[string, string]> = [
  ["", "Default model"], ["strong", "Strong"], ["fast", "Fast"], ["critic", "Critic"],
];

interface Props {
  agents: AgentPlan[];
  models: Model[];
  fields: Record<string, string>;
  isParallel: boolean;
  change: (agents: AgentPlan[]) => void;
  changeParallel?: (isOn: boolean) => void;
}

/** Who takes part, in order of turn. */
export function AgentRows(props: Props) {
  const keys = useQuery("provider-keys", () => ask("GET /provider-keys")).data?.items;
  const { agents, models, fields, isParallel, change, changeParallel } = props;
  const reviewers = agents.filter((agent) => agent.role !== "writer").length;
  const add = () => change([...agents, { id: nextId(), name: `Critic ${agents.length}`,
    role: "critic", model: "", instructions: "", temperature: 0.2 }]);
  return (
    <section className="card" aria-labelledby="agents-title">
      <div className="card-head">
        <h2 id="agents-title">Agents</h2><span className="t3 sm">in order of turn</span>
        <button type="button" className="btn sm right" onClick={add} disabled={agents.length >= most}>
          <Icon name="plus" size={14} />Add agent
        </button>
      </div>
      {fields["/agents"] && (
        <p className="err pad-x mt8"><Icon name="warning" size={13} />
          {full(`The cast ${fields["/agents"]}`)}</p>)}
      <ul className="list">
        {agents.map((agent, at) => (
          <AgentRow key={agent.id} agent={agent} isLocked={!!keys && isLocked(agent.model, models, keys)} at={at} models={models} all={agents}
            error={errorAt(fields, `/agents/${at}`)} change={change} />))}
      </ul>
      {changeParallel && (
        <div className="card-foot">
          <label className="row nowrap">
            <input type="checkbox" className="switch" role="switch" checked={isParallel}
              disabled={reviewers < 2} onChange={(event) => changeParallel(event.target.checked)} />
            <span>Parallel critique</span>
          </label>
          <span className="t3 sm">{reviewers < 2
            ? "Takes two critics or editors next to each other."
            : "Critics read the same draft at once; their notes are merged."}</span>
        </div>)}
    </section>);
}

/** One of the server's models, or any that a key of one's own opens. */
export function ModelPick(props: {
  label: string; value: string; models: Model[]; change: (model: string) => void;
}) {
  const { label, value, models, change } = props;
  const named = models.map((model) => `${model.provider}/${model.model}`);
  const isKnown = named.includes(value) || aliases.some(([alias]) => alias === value);
  const [isOther, setOther] = useState(false);
  if (isOther) {
    return (
      <input className="input sm model mono" aria-label={`${label}, as provider/name`} autoFocus
        placeholder="openai/gpt-4o-mini" defaultValue={isKnown ? "" : value} maxLength={200}
        onBlur={(event) => { change(event.target.value.trim()); setOther(false); }}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          else if (event.key === "Escape") setOther(false);
        }} />);
  }
  return (
    <select className="select sm model" aria-label={label} value={value} onChange={(event) => {
      if (event.target.value === other) setOther(true);
      else change(event.target.value);
    }}>
      {aliases.map(([alias, name]) => <option key={alias} value={alias}>{name}</option>)}
      {named.map((name) => <option key={name} value={name}>{name.replace("/", " · ")}</option>)}
      {!isKnown && <option value={value}>{value.replace("/", " · ")}</option>}
      <option value={other}>Another model …</option>
    </select>);
}

interface RowProps {
  agent: AgentPlan;
  at: number;
  all: AgentPlan[];
  models: Model[];
  error?: string;
  /** Nobody has a key for its provider. */
  isLocked: boolean;
  change: (agents: AgentPlan[]) => void;
}

/** True for a model of a provider that neither the server nor the person has a key for. */
function isLocked(model: string, models: Model[], keys: Array<{ provider: string }>): boolean {
  const slash = model.indexOf("/");
  const provider = model.slice(0, slash);
  return slash > 0 && models.length > 0 && ![...models, ...keys].some((one) => one.provider === provider);
}

function AgentRow({ agent, at, all, models, error, isLocked, change }: RowProps) {
  const set = (part: Partial<AgentPlan>) =>
    change(all.map((one) => (one.id === agent.id ? { ...one, ...part } : one)));
  const swap = (to: number) => {
    const next = [...all];
    [next[at], next[to]] = [next[to], next[at]];
    change(next);
  };
  const letter = String.fromCharCode(65 + at);
  const label = (what: string) => `Agent ${letter}: ${what}`;
  return (
    <li className="agent-row">
      <div className="row wrap">
        <Who name={agent.name} pigment={pigmentOf(all, agent.name)} isLarge letter={letter} />
        <input className="input sm grow b quiet" value={agent.name} aria-label={label("name")}
          maxLength={100} dir="auto" onChange={(event) => set({ name: event.target.value })} />
        <select className="select sm auto" aria-label={label("role")} value={agent.role}
          onChange={(event) => set({ role: event.target.value as AgentPlan["role"] })}>
          {roles.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
        <ModelPick label={label("model")} value={agent.model} models={models}
          change={(model) => set({ model })} />
        <span className="row g6 temperature">
          <label className="t3 xs num nowrap" htmlFor={`temperature-${agent.id}`}>
            Temp {agent.temperature.toFixed(1)}</label>
          <input type="range" min="0" max="1" step="0.1" id={`temperature-${agent.id}`}
            value={agent.temperature}
            onChange={(event) => set({ temperature: Number(event.target.value) })} />
        </span>
        <span className="row g4">
          <button type="button" className="btn icon ghost sm" disabled={at === 0}
            aria-label={`Move ${agent.name} up`} onClick={() => swap(at - 1)}>
            <Icon name="up" size={13} /></button>
          <button type="button" className="btn icon ghost sm" disabled={all.length <= fewest}
            aria-label={`Remove ${agent.name}`}
            onClick={() => change(all.filter((one) => one.id !== agent.id))}>
            <Icon name="close" /></button>
        </span>
      </div>
      <textarea className="textarea mt8" rows={2} value={agent.instructions} dir="auto"
        aria-label={label("instructions")} placeholder="What this agent cares for"
        onChange={(event) => set({ instructions: event.target.value })} />
      {isLocked && <p className="sm mt4 wait-text row"><Icon name="info" size={13} />
        <span>There is no key for this provider. <Link href="/settings/provider-keys">Add one</Link>,
          or choose another model.</span></p>}
      {error && <p className="err mt4"><Icon name="warning" size={13} />
        {full(`This agent ${error}`)}</p>}
    </li>);
}
