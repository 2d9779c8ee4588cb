import { useEffect, useMemo, useRef, useState, type MutableRefObject } from "react";
import { ask, newKey } from "../../frame/api";
import { plural, words } from "../../frame/format";
import { announce, complain, say } from "../../frame/notices";
import { asProblem, full, type Problem } from "../../frame/problem";
import { refresh, useQuery } from "../../frame/query";
import { navigate } from "../../frame/router";
import { Keys, useCommands } from "../../frame/shortcuts";
import { Passages, type Passage } from "../../parts/Document";
import { Icon } from "../../parts/icons";
import { blocksOf } from "../../parts/markdown";
import { LongField } from "../../parts/LongField";
import { OfflineBanner, useModels } from "../../parts/OfflineBanner";
import { ScreenTrouble, Segments, Skeleton } from "../../parts/states";
import { useChoice, useWorkspaces, WorkspaceField } from "../../parts/workspaces";
import { AgentRows } from "./AgentRows";
import { Criteria } from "./Criteria";
import { EstimateCard } from "./EstimateCard";
import { errorAt, fromPreset, keepPlan, keptPlan, request, type Plan, type Preset } from "./plan";
import { ReferenceList } from "./ReferenceList";

function usePlan(presets: Preset[] | undefined) {
  const [plan, setPlan] = useState<Plan | null>(keptPlan);
  useEffect(() => {
    if (!plan && presets?.[0]) setPlan(fromPreset(presets[0]));
  }, [presets, plan]);
  useEffect(() => {
    if (!plan) return undefined;
    const timer = setTimeout(() => keepPlan(plan), 300);
    return () => clearTimeout(timer);
  }, [plan]);
  return [plan, setPlan] as const;
}

/** A new session: what is to be written, by whom, and when it is good enough. */
export default function New() {
  const presets = useQuery("presets", () => ask("GET /presets"));
  const models = useModels();
  const [plan, setPlan] = usePlan(presets.data?.items);
  if (presets.problem && !plan) {
    return <ScreenTrouble title="New Write session" problem={presets.problem}
      retry={presets.reload} />;
  }
  if (!plan) return <Skeleton label="Loading presets" rows={6} />;
  return (
    <Form plan={plan} setPlan={setPlan} presets={presets.data?.items ?? []}
      models={models.data?.items ?? []} />);
}

interface FormProps {
  plan: Plan;
  setPlan: (change: (plan: Plan | null) => Plan | null) => void;
  presets: Preset[];
  models: NonNullable<ReturnType<typeof useModels>["data"]>["items"];
}

function Form({ plan, setPlan, presets, models }: FormProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isPreview, setPreview] = useState(false);
  const key = useRef(newKey());
  const workspaces = useChoice(useWorkspaces().data?.items);
  const draft = useRef<HTMLTextAreaElement | null>(null);
  /** With what was typed in the last moment. */
  const whole = (): Plan => ({ ...plan, draft: draft.current?.value ?? plan.draft });
  const change = (part: Partial<Plan>) => {
    key.current = newKey();
    setPlan((now) => (now ? { ...now, ...part } : now));
  };
  const isBegun = useRef(false);
  const latest = useRef(whole);
  latest.current = whole;
  // Also what was typed in the last moment before the page is left.
  useEffect(() => {
    const keep = () => {
      if (!isBegun.current) keepPlan(latest.current());
    };
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, []);
  const fields = problem?.fields ?? {};
  const start = async () => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const made = await ask("POST /sessions", {
        body: { ...request(whole()), workspace_id: workspaces.chosen }, key: key.current });
      await ask("POST /sessions/{id}/start", { path: { id: made.id } });
      isBegun.current = true;
      keepPlan(null);
      refresh("runs/");
      navigate(`/runs/${made.id}`);
    } catch (error) {
      const found = asProblem(error);
      setProblem(found);
      setBusy(false);
      announce(found.sentence);
      // The field may have nothing left to offer, and go.
      const isGone = !!found.fields["/workspace_id"];
      if (isGone) refresh("workspace-list");
      if (isGone || Object.keys(found.fields).length === 0) complain("The session was not started", found);
    }
  };
  const save = async () => {
    const name = plan.title.trim() || "My cast";
    try {
      const { agents, criteria, max_rounds, score_threshold, parallel_critique } = request(plan);
      const made = await ask("POST /presets", { key: newKey(), body: {
        name: name.slice(0, 80), agents, criteria, max_rounds, score_threshold,
        parallel_critique } });
      refresh("presets");
      say("Saved as a template", `“${made.name}” stands among the presets, and under Templates.`);
    } catch (error) {
      complain("The template was not saved", error);
    }
  };
  useCommands([{ id: "start", name: "Start the session", group: "This session", icon: "play",
    keys: "Mod+Enter", run: () => void start() }]);
  return (
    <div className="wrap">
      <div className="page-head">
        <div className="grow"><h1>New Write session</h1>
          <p className="t2 mt4">Agents take turns on one document until it is good enough or the
            rounds run out.</p></div>
        <div className="row">
          <button type="button" className="btn" onClick={() => void save()}>
            <Icon name="templates" size={14} />Save as template
          </button>
          <button type="button" className={`btn primary${isBusy ? " busy" : ""}`} disabled={isBusy}
            onClick={() => void start()}>Start<Keys keys="Mod+Enter" /></button>
        </div>
      </div>
      <OfflineBanner isBox />
      <Presets plan={plan} presets={presets} choose={(preset) =>
        setPlan((now) => fromPreset(preset, now ?? undefined))} />
      <div className="grid side-r">
        <div className="col g16">
          <section className="card" aria-labelledby="draft-title">
            <div className="card-head">
              <h2 id="draft-title">Document</h2>
              <span className="right"><Segments label="Editor mode"
                options={[["write", "Write"], ["preview", "Preview"]]}
                value={isPreview ? "preview" : "write"}
                onChange={(mode) => setPreview(mode === "preview")} /></span>
            </div>
            <DraftFields plan={plan} change={change} isPreview={isPreview} field={draft}
              error={errorAt(fields, "/draft") ?? errorAt(fields, "/title")} />
          </section>
          <AgentRows agents={plan.agents} models={models} fields={fields} isParallel={plan.parallel}
            change={(agents) => change({ agents })}
            changeParallel={(parallel) => change({ parallel })} />
        </div>
        <div className="col g16">
          <WorkspaceField id="workspace" isCard choice={workspaces}
            error={errorAt(fields, "/workspace_id")}
            onChange={() => { key.current = newKey(); }} />
          <Criteria plan={plan} change={change} fields={fields} />
          <ReferenceList references={plan.references} error={errorAt(fields, "/references")}
            change={(references) => change({ references })} />
          <EstimateCard plan={plan} />
        </div>
      </div>
    </div>);
}

function Presets(props: { plan: Plan; presets: Preset[]; choose: (preset: Preset) => void }) {
  const { plan, presets, choose } = props;
  return (
    <fieldset className="bare presets-field">
      <legend className="label">Preset</legend>
      <div className="grid presets" role="radiogroup" aria-label="Preset">
        {presets.map((preset) => (
          <button type="button" key={preset.id} role="radio" className="pick"
            aria-checked={plan.preset === preset.id} onClick={() => choose(preset)}>
            <span className="md block clip">{preset.name}</span>
            <span className="sm t2 clip block">
              {preset.agents.map((agent) => agent.name).join(", ")}</span>
          </button>))}
      </div>
    </fieldset>);
}

function DraftFields(props: {
  plan: Plan;
  change: (part: Partial<Plan>) => void;
  isPreview: boolean;
  /** The browser's own: typing in a long draft must not wait for anything of ours. */
  field: MutableRefObject<HTMLTextAreaElement | null>;
  error?: string;
}) {
  const { plan, change, isPreview, field, error } = props;
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const latest = useRef(change);
  latest.current = change;
  const count = useMemo(() => words(plan.draft), [plan.draft]);
  const typed = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current({ draft: field.current?.value ?? "" }), 200);
  };
  const left = () => {
    clearTimeout(timer.current);
    if (field.current && field.current.value !== plan.draft) {
      latest.current({ draft: field.current.value });
    }
  };
  const passages = useMemo(
    () => (isPreview ? blocksOf(plan.draft).map((text): Passage => ({ text })) : []),
    [isPreview, plan.draft]);
  return (
    <>
      <div className="title-field">
        <label className="vh" htmlFor="title">Title</label>
        <input className="input" id="title" value={plan.title} maxLength={200} dir="auto"
          placeholder="Title" onChange={(event) => change({ title: event.target.value })} />
      </div>
      {isPreview
        ? <div className="doc preview" tabIndex={0} role="group" aria-label="Preview">
          <Passages passages={passages} />
          {passages.length === 0 && <p className="t3">Nothing to show yet.</p>}
        </div>
        : <>
          <label className="vh" htmlFor="draft">Initial draft, Markdown</label>
          <LongField field={field} className="textarea draft" id="draft" rows={10}
            start={plan.draft} onTyped={typed} onLeave={left} isInvalid={!!error}
            describedBy="draft-error"
            placeholder="A few lines of what you need, or a draft that you have already." />
        </>}
      {error && <p className="err pad-x" id="draft-error">
        <Icon name="warning" size={13} />{full(`This ${error}`)}</p>}
      <div className="card-foot t3 sm">
        <span className="nowrap">{plural(count, "word")}</span>
        <span className="right">Markdown. Leave it empty and the first agent begins from the
          title.</span>
      </div>
    </>);
}
