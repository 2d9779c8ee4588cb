import { Keys } from "../../frame/shortcuts";
import { Icon, type IconName } from "../../parts/icons";
import { faultsOf, nameOf, placed, type Fault, type TemplateFile } from "./shape";

export type Kind = "turn" | "parallel" | "loop" | "gate";

/** What a workflow is put together from. */
export const kinds: Array<{ kind: Kind; name: string; icon: IconName; keys: string }> = [
  { kind: "turn", name: "Agent", icon: "person", keys: "A" },
  { kind: "parallel", name: "Critics at once", icon: "people", keys: "C" },
  { kind: "loop", name: "Loop", icon: "retry", keys: "L" },
  // G begins the ways to other screens.
  { kind: "gate", name: "Gate", icon: "gate", keys: "Q" },
];

interface Props {
  file: TemplateFile;
  chosen: string;
  faults: Fault[];
  choose: (pointer: string) => void;
  add: (kind: Kind) => void;
}

/** The steps in order, and what can be added: the whole editor for whoever does not use the drawing. */
export function Outline({ file, chosen, faults, choose, add }: Props) {
  const wrongAround = faults.filter((one) => !one.pointer.startsWith("/steps/") &&
    !one.pointer.startsWith("/agents/")).length;
  const entry = (pointer: string, name: string, count: number, depth = 0) => (
    <button type="button" className={`nav outline-step${depth > 0 ? " deep" : ""}`}
      aria-current={chosen === pointer ? "step" : undefined} onClick={() => choose(pointer)}>
      <span className="clip grow" dir="auto">{name}</span>
      {count > 0 && <span className="bad-text"><Icon name="warning" size={13} />
        <span className="vh">{count} wrong</span></span>}
    </button>);
  return (
    <section aria-label="Steps" className="flow-side">
      <h2 className="nav-label">Add a step</h2>
      <div className="flow-kinds">
        {kinds.map(({ kind, name, icon, keys }) => (
          <button type="button" className="nav" key={kind} onClick={() => add(kind)}>
            <Icon name={icon} />{name}<span className="right"><Keys keys={keys} /></span>
          </button>))}
      </div>
      <h2 className="nav-label">Outline</h2>
      <ol>
        <li>{entry("", "About this template", wrongAround)}</li>
        {placed(file.steps).map((one) => (
          <li key={one.pointer}>{entry(one.pointer, `${one.number} ${nameOf(one.step)}`,
            faultsOf(faults, one.pointer), one.depth)}</li>))}
      </ol>
      <h2 className="nav-label">Agents</h2>
      <ol>
        {file.agents.map((agent, at) => (
          <li key={at}>{entry(`/agents/${at}`, agent.name || `Agent ${at + 1}`,
            faultsOf(faults, `/agents/${at}`))}</li>))}
      </ol>
    </section>);
}
