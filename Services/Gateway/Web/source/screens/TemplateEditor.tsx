import { useState } from "react";
import { ask, base, sendText, type Reply } from "../frame/api";
import { announce, complain, say } from "../frame/notices";
import { asProblem } from "../frame/problem";
import { refresh, useQuery } from "../frame/query";
import { navigate, useGuard } from "../frame/router";
import { Keys, useCommands } from "../frame/shortcuts";
import { Icon } from "../parts/icons";
import { useModels } from "../parts/OfflineBanner";
import { Banner, Field, Segments, Skeleton, Trouble } from "../parts/states";
import { AgentRows } from "../studios/write/AgentRows";
import { CriteriaList } from "../studios/write/Criteria";
import { agentRequest, nextId, type AgentPlan } from "../studios/write/plan";
import { Missing } from "./Failures";
import { RunTemplate } from "./templates/RunTemplate";
import { agentsOf, blank, renamed, type TemplateFile } from "./templates/shape";
import { StepList } from "./templates/StepList";

type Loaded = Reply<"GET /templates/{id}"> & { document: TemplateFile };

/** One's own is changed in place; a built-in one is copied. */
export default function TemplateEditor({ id }: { id: string | null }) {
  const found = useQuery(id ? `template/${id}` : null, () =>
    ask("GET /templates/{id}", { path: { id: id ?? "" } }) as Promise<Loaded>);
  if (!id) return <Editor file={blank} id={null} version={null} isCopy={false} />;
  if (found.problem?.status === 404) return <Missing />;
  if (found.problem && !found.data) return <Trouble problem={found.problem} retry={found.reload} />;
  if (!found.data) return <Skeleton label="Loading the template" rows={6} />;
  const { document, built_in, version } = found.data;
  return (
    <Editor key={`${id}/${version}`} id={built_in ? null : id} version={version ?? null}
      isCopy={built_in} file={built_in ? { ...document, name: `${document.name}, mine` } : document} />);
}

interface EditorProps {
  file: TemplateFile;
  id: string | null;
  version: number | null;
  isCopy: boolean;
}

interface Fault {
  pointer: string;
  detail: string;
}

function Editor({ file: start, id, version, isCopy }: EditorProps) {
  const [file, setFile] = useState(start);
  const [agents, setAgents] = useState(() => agentsOf(start, nextId));
  const [mode, setMode] = useState<"steps" | "json">("steps");
  const [text, setText] = useState("");
  const [faults, setFaults] = useState<Fault[] | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isRunning, setRunning] = useState(false);
  const [isChanged, setChanged] = useState(false);
  const models = useModels().data?.items ?? [];
  useGuard(isChanged && !isBusy);
  const change = (part: Partial<TemplateFile>) => {
    setFile((now) => ({ ...now, ...part }));
    setFaults(null);
    setChanged(true);
  };
  const changeAgents = (next: AgentPlan[]) => {
    let steps = file.steps;
    for (const agent of next) {
      const before = agents.find((one) => one.id === agent.id);
      if (before && before.name !== agent.name) steps = renamed(steps, before.name, agent.name);
    }
    setAgents(next);
    change({ steps });
  };
  const written = (): string => (mode === "json" ? text
    : JSON.stringify({ ...file, agents: agents.map(agentRequest) }, null, 2));
  const switchMode = (next: "steps" | "json") => {
    if (next === mode) return;
    if (next === "json") {
      setText(written());
      setMode("json");
      return;
    }
    try {
      const read = JSON.parse(text) as TemplateFile;
      setFile(read);
      setAgents(agentsOf(read, nextId));
      setMode("steps");
    } catch (error) {
      complain("This is not JSON yet", error);
    }
  };
  const check = async (): Promise<boolean> => {
    try {
      const result = await sendText("POST", "/templates/check", written());
      setFaults(result.errors);
      announce(result.valid ? "The template is sound." : `${result.errors.length} things are wrong.`);
      return result.valid;
    } catch (error) {
      complain("The template was not checked", error);
      return false;
    }
  };
  const save = async () => {
    setBusy(true);
    try {
      if (!await check()) return;
      const made = id
        ? await sendText("PUT", `/templates/${id}?version=${version ?? 1}`, written())
        : await sendText("POST", "/templates", written());
      setChanged(false);
      refresh("template");
      refresh("presets");
      say("Saved", `Version ${made.version ?? 1} of “${made.name}”.`);
      if (!id) setTimeout(() => navigate(`/templates/${made.id}`));
    } catch (error) {
      const problem = asProblem(error);
      setFaults(Object.entries(problem.fields)
        .map(([pointer, detail]) => ({ pointer, detail })));
      complain("The template was not saved; your changes are kept on this page", error);
    } finally {
      setBusy(false);
    }
  };
  useCommands([
    { id: "save", name: "Save the template", group: "This template", icon: "check",
      keys: "Mod+Enter", run: () => void save() },
    { id: "check", name: "Check the template", group: "This template", icon: "info",
      run: () => void check() },
  ]);
  return (
    <div className="wrap">
      <div className="page-head">
        <div className="grow"><h1>{id ? "Edit template" : isCopy ? "Copy of a template" : "New template"}</h1>
          <p className="t2 mt4">Who takes part, in which order, and where a person decides.</p></div>
        <div className="row wrap">
          <Segments label="Form" options={[["steps", "Steps"], ["json", "JSON"]]} value={mode}
            onChange={switchMode} />
          {id && <a className="btn" download href={`${base}/templates/${id}/document`}>Export</a>}
          <button type="button" className="btn" onClick={() => void check()}>
            <Icon name="check" size={14} />Check</button>
          {id && <button type="button" className="btn" disabled={isChanged}
            onClick={() => setRunning(true)}><Icon name="play" size={14} />Run</button>}
          <button type="button" className={`btn primary${isBusy ? " busy" : ""}`} disabled={isBusy}
            onClick={() => void save()}>Save<Keys keys="Mod+Enter" /></button>
        </div>
      </div>
      {faults && (faults.length === 0
        ? <Banner kind="ok" icon="check" isBox role="status"><b>It is sound.</b> It can be run.</Banner>
        : <Banner kind="bad" icon="warning" isBox role="alert">
          <b>Not sound yet.</b>
          <ul>{faults.map((fault, at) => (
            <li key={at}><code>{fault.pointer || "/"}</code> {fault.detail}</li>))}</ul>
        </Banner>)}
      {mode === "json"
        ? <textarea className="textarea mono json" aria-label="Template as JSON" value={text}
          spellCheck={false} rows={30} onChange={(event) => {
            setText(event.target.value);
            setChanged(true);
            setFaults(null);
          }} />
        : <div className="edit-grid">
          <div className="col g16">
            <section className="card" aria-label="Name"><div className="card-body col g12">
              <Field id="template-name" label="Name">
                <input className="input" id="template-name" value={file.name} maxLength={80} dir="auto"
                  onChange={(event) => change({ name: event.target.value })} />
              </Field>
              <Field id="template-summary" label="What it is good for">
                <input className="input" id="template-summary" value={file.summary} maxLength={300}
                  dir="auto" onChange={(event) => change({ summary: event.target.value })} />
              </Field>
            </div></section>
            <AgentRows agents={agents} models={models} fields={{}} isParallel={false}
              change={changeAgents} />
            <section className="card" aria-labelledby="steps-title">
              <div className="card-head"><h2 id="steps-title">Steps</h2></div>
              <div className="card-body">
                <StepList steps={file.steps} agents={agents} change={(steps) => change({ steps })} />
              </div>
            </section>
          </div>
          <section className="card" aria-labelledby="criteria-title">
            <div className="card-head"><h2 id="criteria-title">Judged by</h2></div>
            <div className="card-body col g12">
              <CriteriaList criteria={file.criteria} change={(criteria) => change({ criteria })} />
            </div>
          </section>
        </div>}
      {isRunning && id && (
        <RunTemplate id={id} name={file.name} onClose={() => setRunning(false)}
          onMade={(run) => navigate(`/runs/${run}`)} />)}
    </div>);
}
