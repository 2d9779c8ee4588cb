import { useCallback, useEffect, useRef, useState } from "react";
import { ask, base, sendText, type Reply } from "../frame/api";
import { plural } from "../frame/format";
import { announce, complain, say } from "../frame/notices";
import { asProblem } from "../frame/problem";
import { refresh, useQuery } from "../frame/query";
import { navigate } from "../frame/router";
import { Keys, useCommands } from "../frame/shortcuts";
import { Icon } from "../parts/icons";
import { useModels } from "../parts/OfflineBanner";
import { heading } from "../parts/Shell";
import { Banner, ScreenTrouble, Segments, Skeleton } from "../parts/states";
import { Missing } from "./Failures";
import { Canvas } from "./templates/Canvas";
import { Inspector } from "./templates/Inspector";
import { kinds, Outline, type Kind } from "./templates/Outline";
import { RunTemplate } from "./templates/RunTemplate";
import {
  blank, chosenBy, inserted, placed, type Fault, type Step, type TemplateFile,
} from "./templates/shape";
import { useWork } from "./templates/work";

type Loaded = Reply<"GET /templates/{id}"> & { document: TemplateFile };

/** One's own is changed in place; a built-in one is copied. */
export default function TemplateEditor({ id }: { id: string | null }) {
  const found = useQuery(id ? `template/${id}` : null, () =>
    ask("GET /templates/{id}", { path: { id: id ?? "" } }) as Promise<Loaded>);
  if (!id) return <Editor file={blank} id={null} shelf="template.new" version={null} />;
  if (found.problem?.status === 404) return <div className="page"><Missing /></div>;
  if (found.problem && !found.data) {
    return <ScreenTrouble title="Template" problem={found.problem} retry={found.reload} />;
  };
  if (!found.data) return <Skeleton label="Loading the template" rows={6} />;
  const { document, built_in, version } = found.data;
  return (
    <Editor key={`${id}/${version}`} id={built_in ? null : id} version={version ?? null}
      shelf={`template.${id}.${version ?? 1}`} isCopy={built_in}
      file={built_in ? { ...document, name: `${document.name}, mine` } : document} />);
}

interface EditorProps {
  file: TemplateFile;
  id: string | null;
  version: number | null;
  /** Where the browser keeps what is not saved yet. */
  shelf: string;
  isCopy?: boolean;
}

/** A new step as it is added. */
function made(kind: Kind, file: TemplateFile): Step {
  const first = file.agents[0]?.name ?? "";
  const names = new Set(placed(file.steps).map(({ step }) => ("gate" in step ? step.gate.name : "")));
  let number = names.size + 1;
  while (names.has(`gate-${number}`)) number += 1;
  switch (kind) {
    case "turn": return { turn: first };
    case "parallel": return { merge: "notes", parallel:
      file.agents.filter((one) => one.role !== "writer").map((one) => one.name) };
    case "gate": return { gate: { name: `gate-${number}`, prompt: "", on_reject: "revise" } };
    default: return { loop: { max: 3, until: {}, steps: [{ turn: first }] } };
  }
}

function Editor({ file: start, id, version, shelf, isCopy }: EditorProps) {
  const work = useWork(shelf, start);
  const { file } = work;
  const [chosen, choose] = useState("");
  const [text, setText] = useState<string | null>(null);
  const [faults, setFaults] = useState<Fault[] | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isRunning, setRunning] = useState(false);
  const models = useModels().data?.items ?? [];
  const written = (): string => text ?? JSON.stringify(file, null, 2);
  const check = async (isQuiet = false): Promise<boolean> => {
    try {
      const result = await sendText("POST", "/templates/check", written());
      setFaults(result.errors);
      if (!isQuiet) {
        announce(result.valid ? "The template is sound."
          : `${plural(result.errors.length, "thing is", "things are")} wrong.`);
      }
      return result.valid;
    } catch (error) {
      if (!isQuiet) complain("The template was not checked", error);
      return false;
    }
  };
  // Once asked, it is told whether each change has mended something.
  const isAsked = faults !== null;
  const latest = useRef(check);
  latest.current = check;
  useEffect(() => {
    if (!isAsked) return undefined;
    const timer = setTimeout(() => void latest.current(true), 400);
    return () => clearTimeout(timer);
  }, [file, text, isAsked]);
  const switchMode = (next: "steps" | "json") => {
    if (next === "json") return setText(JSON.stringify(file, null, 2));
    try {
      if (text !== null) work.change(JSON.parse(text) as TemplateFile);
      setText(null);
    } catch (error) {
      complain("This is not JSON yet", error);
    }
  };
  const save = async () => {
    setBusy(true);
    try {
      if (!await check()) return;
      const kept = id
        ? await sendText("PUT", `/templates/${id}?version=${version ?? 1}`, written())
        : await sendText("POST", "/templates", written());
      work.forget();
      refresh("template");
      refresh("presets");
      say("Saved", `Version ${kept.version ?? 1} of “${kept.name}”.`);
      if (!id) setTimeout(() => navigate(`/templates/${kept.id}`));
    } catch (error) {
      const problem = asProblem(error);
      setFaults(Object.entries(problem.fields).map(([pointer, detail]) => ({ pointer, detail })));
      complain("The template was not saved; your changes are kept on this page", error);
    } finally {
      setBusy(false);
    }
  };
  const add = useCallback((kind: Kind) => {
    const next = inserted(file.steps, chosen, made(kind, file));
    work.change({ ...file, steps: next.steps });
    choose(next.pointer);
  }, [file, chosen]);
  useCommands([
    { id: "save", name: "Save the template", group: "This template", icon: "check",
      keys: "Mod+Enter", run: () => void save() },
    { id: "check", name: "Check the template", group: "This template", icon: "info",
      run: () => void check() },
    ...(text === null && work.changes > 0 ? [{ id: "undo", name: "Undo", group: "This template",
      icon: "undo", keys: "Mod+Z", run: work.undo }] : []),
    ...(text === null ? kinds.map(({ kind, name, icon, keys }) => ({
      id: `add-${kind}`, name: `Add a step: ${name}`, group: "This template", icon, keys,
      run: () => add(kind) })) : []),
  ]);
  useEffect(() => {
    heading.set(file.name || null);
    return () => heading.set(null);
  }, [file.name]);
  const title = id ? "Edit template" : isCopy ? "Copy of a template" : "New template";
  const nameFault = faults?.find((one) => one.pointer === "/name");
  return (
    <>
      <div className="run-head">
        <h1 className="vh">{title}: {file.name}</h1>
        <label className="vh" htmlFor="template-name">Name of the template</label>
        <input className="input quiet flow-name" id="template-name" value={file.name} maxLength={80}
          dir="auto" placeholder="Name of the template" disabled={text !== null}
          aria-invalid={!!nameFault} onChange={(event) => work.change({ ...file, name: event.target.value })} />
        {work.changes > 0 && <span className="tag wait">Draft, {plural(work.changes, "change")}</span>}
        <div className="right row g6 wrap">
          <button type="button" className="btn ghost sm" disabled={work.changes === 0 || text !== null}
            onClick={work.undo}><Icon name="undo" size={13} />Undo</button>
          <Segments label="Form" options={[["steps", "Steps"], ["json", "JSON"]]}
            value={text === null ? "steps" : "json"} onChange={switchMode} />
          {id && <a className="btn sm" download href={`${base}/templates/${id}/document`}>Export</a>}
          <button type="button" className="btn sm" onClick={() => void check()}>
            <Icon name="check" size={14} />Check</button>
          {id && <button type="button" className="btn sm" disabled={work.changes > 0}
            onClick={() => setRunning(true)}><Icon name="play" size={14} />Run</button>}
          <button type="button" className={`btn primary sm${isBusy ? " busy" : ""}`} disabled={isBusy}
            onClick={() => void save()}>Save<Keys keys="Mod+Enter" /></button>
        </div>
      </div>
      {faults && <Faults faults={faults} file={file} choose={choose} />}
      {text !== null
        ? <textarea className="textarea mono json" aria-label="Template as JSON" value={text}
          spellCheck={false} onChange={(event) => setText(event.target.value)} />
        : <div className="flow-grid">
          <Outline file={file} chosen={chosen} faults={faults ?? []} choose={choose} add={add} />
          <Canvas file={file} chosen={chosen} faults={faults ?? []} choose={choose} />
          <Inspector file={file} chosen={chosen} faults={faults ?? []} models={models}
            change={work.change} choose={choose} />
        </div>}
      {isRunning && id && (
        <RunTemplate id={id} name={file.name} onClose={() => setRunning(false)}
          onMade={(run) => navigate(`/runs/${run}`)} />)}
    </>);
}

/** All that is wrong; each leads to where it is mended. */
function Faults(props: { faults: Fault[]; file: TemplateFile; choose: (pointer: string) => void }) {
  const { faults, file, choose } = props;
  if (faults.length === 0) {
    return (
      <Banner kind="ok" icon="check" role="status"><b>It is sound.</b> It can be saved and run.</Banner>);
  }
  const show = (fault: Fault) => {
    choose(chosenBy(file, fault.pointer));
    requestAnimationFrame(() => document.querySelector<HTMLElement>(
      ".flow-inspector [aria-invalid=true]")?.focus());
  };
  return (
    <Banner kind="bad" icon="warning" role="alert">
      <b>{plural(faults.length, "thing is", "things are")} not right yet.</b>
      <ul className="fault-list">{faults.slice(0, 8).map((fault, at) => (
        <li key={at}><button type="button" className="linkish" onClick={() => show(fault)}>
          <code>{fault.pointer || "/"}</code></button> {fault.detail}</li>))}</ul>
    </Banner>);
}
