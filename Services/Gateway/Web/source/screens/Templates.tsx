import { useRef, useState } from "react";
import { ask, sendText, type Reply } from "../frame/api";
import { Confirm } from "../frame/dialog";
import { plural } from "../frame/format";
import { complain, say } from "../frame/notices";
import { refresh, useQuery } from "../frame/query";
import { Link, navigate } from "../frame/router";
import { Icon } from "../parts/icons";
import { Empty, Segments, Skeleton, Tile, Trouble } from "../parts/states";
import { studioOf } from "../studios";
import { pigmentOf } from "../studios/write/story";
import { RunTemplate } from "./templates/RunTemplate";

type Template = Reply<"GET /templates">["items"][number];
type Origin = "all" | "own" | "built-in";
const largest = 1 << 20;

/** Agents as rings in order of turn, gates as diamonds. */
function Shape({ template }: { template: Template }) {
  const gates = Math.min(template.gates, 2);
  const marks = [...template.agents.map((agent) => agent.name), ...Array(gates).fill("")];
  return (
    <div className="template-shape">
      <svg viewBox="0 0 220 44" preserveAspectRatio="xMinYMid meet" aria-hidden="true">
        {marks.map((name: string, at) => {
          const x = 14 + at * 36;
          const pigment = pigmentOf(template.agents, name);
          return (
            <g key={at}>
              {at > 0 && <line x1={x - 26} x2={x - 10} y1="22" y2="22" className="shape-line" />}
              {name === ""
                ? <rect x={x - 8} y="14" width="16" height="16" rx="2"
                  transform={`rotate(45 ${x} 22)`} className="shape-gate" />
                : <circle cx={x} cy="22" r="10" className={`shape-agent ${pigment}`} />}
            </g>);
        })}
      </svg>
    </div>);
}

function Card(props: { template: Template; run: () => void; remove: () => void }) {
  const { template, run, remove } = props;
  const studio = studioOf(template.studio);
  return (
    <article className="card template-card">
      <Shape template={template} />
      <div className="card-body">
        <div className="row">
          <Tile icon={studio?.icon ?? "templates"} pigment={studio?.pigment} size="xs" />
          <h2 className="b clip grow" dir="auto">{template.name}</h2>
          <span className={template.built_in ? "tag" : "tag line"}>
            {template.built_in ? "Built in" : "Yours"}</span>
        </div>
        <p className="t2 mt4" dir="auto">{template.summary ||
          template.agents.map((agent) => agent.name).join(", ")}</p>
      </div>
      <div className="card-foot">
        <span className="t3 sm">{plural(template.agents.length, "agent")},{" "}
          {plural(template.max_rounds, "round")}</span>
        <span className="right row g4">
          {!template.built_in && (
            <button type="button" className="btn ghost sm icon" onClick={remove}
              aria-label={`Delete ${template.name}`}><Icon name="close" size={13} /></button>)}
          <Link className="btn ghost sm" href={`/templates/${template.id}`}
            aria-label={`${template.built_in ? "Copy" : "Edit"} ${template.name}`}>
            {template.built_in ? "Copy" : "Edit"}</Link>
          <button type="button" className="btn sm" onClick={run} aria-label={`Run ${template.name}`}>
            <Icon name="play" size={13} />Run</button>
        </span>
      </div>
    </article>);
}

export default function Templates() {
  const list = useQuery("templates", () => ask("GET /templates"));
  const [origin, setOrigin] = useState<Origin>("all");
  const [text, setText] = useState("");
  const [running, setRunning] = useState<Template | null>(null);
  const [removing, setRemoving] = useState<Template | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const shown = (list.data?.items ?? []).filter((one) =>
    (origin === "all" || one.built_in === (origin === "built-in")) &&
    `${one.name} ${one.summary}`.toLowerCase().includes(text.toLowerCase()));
  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      if (file.size > largest) throw new Error(`${file.name} is larger than a template can be`);
      const made = await sendText("POST", "/templates", await file.text());
      say(`“${made.name}” is yours now`);
      await list.reload();
    } catch (error) {
      complain("The template was not taken", error);
    }
  };
  const remove = async (template: Template) => {
    try {
      await ask("DELETE /templates/{id}", { path: { id: template.id } });
      refresh("templates");
      refresh("presets");
      say(`“${template.name}” is deleted`, "Its runs go on.");
    } catch (error) {
      complain("The template was not deleted", error);
    }
  };
  return (
    <div className="wrap">
      <div className="page-head">
        <div className="grow"><h1>Templates</h1>
          <p className="t2 mt4">Workflows that are ready to run. Copy a built-in one to change it.</p>
        </div>
        <div className="row">
          <button type="button" className="btn" onClick={() => picker.current?.click()}>Import</button>
          <input ref={picker} type="file" className="vh" tabIndex={-1} accept=".json"
            aria-label="Template file" onChange={(event) => {
              void take(event.target.files?.[0]);
              event.target.value = "";
            }} />
          <Link className="btn primary" href="/templates/new">
            <Icon name="plus" size={14} />New template</Link>
        </div>
      </div>
      <div className="row wrap filters">
        <Segments<Origin> label="Origin" value={origin} onChange={setOrigin}
          options={[["all", "All"], ["own", "Yours"], ["built-in", "Built in"]]} />
        <input className="input sm right filter-text" placeholder="Filter by name" value={text}
          aria-label="Filter by name" onChange={(event) => setText(event.target.value)} />
      </div>
      {list.loading && <section className="card"><Skeleton label="Loading templates" /></section>}
      {list.problem && !list.data && <section className="card">
        <Trouble problem={list.problem} retry={list.reload} /></section>}
      {list.data && shown.length === 0 && (
        <section className="card">
          <Empty icon="templates" title={text ? `No template matches “${text}”` : "None of your own yet"}
            text="Copy a built-in one, or begin with an empty one.">
            <Link className="btn primary" href="/templates/new">New template</Link>
          </Empty>
        </section>)}
      <div className="grid c3">
        {shown.map((template) => (
          <Card key={template.id} template={template} run={() => setRunning(template)}
            remove={() => setRemoving(template)} />))}
      </div>
      {running && (
        <RunTemplate id={running.id} name={running.name} onClose={() => setRunning(null)}
          onMade={(id) => navigate(`/runs/${id}`)} />)}
      {removing && (
        <Confirm title={`Delete “${removing.name}”?`} isDanger stay="Keep it" act="Delete"
          text="Runs that were made from it go on. Export it first if you may want it back."
          onClose={() => setRemoving(null)} onAct={() => void remove(removing)} />)}
    </div>);
}

