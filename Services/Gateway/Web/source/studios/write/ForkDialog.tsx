import { useState } from "react";
import { newKey, ask, sendText, type Reply } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { complain, say } from "../../frame/notices";
import { asProblem, full, type Problem } from "../../frame/problem";
import { useQuery } from "../../frame/query";
import { navigate } from "../../frame/router";
import { Field, Skeleton, Trouble } from "../../parts/states";
import type { Session } from "./live";
import type { Story } from "./story";

type Step = Reply<"GET /runs/{id}/steps">["items"][number];

interface Place {
  path: string;
  name: string;
  takesInput: boolean;
}

/** The steps where turns or a gate begin, as a person would name them; and those that take an input. */
function places(steps: Step[], story: Story): Place[] {
  const turns = story.rounds.flatMap((round) => round.turns);
  return steps.flatMap((step): Place[] => {
    const { path, takes_input: takesInput } = step;
    const place = (name: string) => [{ path, takesInput, name }];
    if (path.endsWith("/0.look")) {
      // A turn's own step is "run/place/1.ask": it stands where its look stands.
      const begin = path.slice(0, -"0.look".length);
      const those = turns.filter((turn) =>
        turn.step.slice(turn.step.indexOf("/") + 1).startsWith(begin));
      if (those.length === 0) return [];
      return place(`Round ${those[0].round}, before ${those.map((one) => one.agent).join(" and ")}`);
    }
    if (step.kind === "gate") {
      const gate = story.gates.find((one) => path.endsWith(`.${one.name}`));
      return place(`Before the gate: ${gate?.prompt ?? "a decision"}`);
    }
    if (path.endsWith(".close")) return place("Before the end");
    return takesInput ? place(path) : [];
  });
}

/** What is wrong with a text that must be JSON; nothing for none. */
function jsonFault(text: string): string | undefined {
  try {
    if (text.trim()) JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is not JSON yet: ${full(asProblem(error).detail)}`;
  }
}

export function ForkDialog(props: { session: Session; story: Story; onClose: () => void }) {
  const { session, story, onClose } = props;
  const steps = useQuery(
    `steps/${session.id}`, () => ask("GET /runs/{id}/steps", { path: { id: session.id } }));
  const all = places(steps.data?.items ?? [], story);
  const [chosen, choose] = useState<string | null>(null);
  const [title, setTitle] = useState(`${session.title} (fork)`.slice(0, 200));
  const [input, setInput] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [key] = useState(newKey);
  const [isBusy, setBusy] = useState(false);
  const place = all.find((one) => one.path === chosen) ?? all[all.length - 1];
  const said = (field: string) =>
    (problem?.fields[field] ? full(`This ${problem.fields[field]}`) : undefined);
  const fork = async () => {
    if (!place || (place.takesInput && jsonFault(input))) return;
    setBusy(true);
    setProblem(null);
    // The step's input is the workflow's own JSON, and goes out as it was written.
    const fields = [`"from_step":${JSON.stringify(place.path)}`, `"title":${JSON.stringify(title)}`];
    if (place.takesInput && input.trim()) fields.push(`"input":${input}`);
    try {
      const run = await sendText(
        "POST", `/runs/${session.id}/fork`, `{${fields.join(",")}}`, undefined, key);
      onClose();
      say("Forked", "The new run goes on from there; this one stays as it is.");
      navigate(`/runs/${run.id}`);
    } catch (error) {
      const found = asProblem(error);
      setProblem(found);
      if (Object.keys(found.fields).length === 0) complain("The run was not forked", found);
      setBusy(false);
    }
  };
  return (
    <Overlay label="Fork this run" className="dialog" onClose={onClose}>
      <div className="card-head"><h2>Fork this run</h2></div>
      {steps.problem && !steps.data && <Trouble problem={steps.problem} retry={steps.reload} />}
      {steps.loading && !steps.data && <Skeleton label="Loading steps" rows={2} />}
      {steps.data && all.length === 0 && (
        <p className="card-body t2">There is no step to fork from yet. The first one appears with the
          first turn.</p>)}
      {place && (
        <div className="card-body col g12">
          <p className="t2">A new run shares what this one has done up to the step you choose, at no
            further cost, and goes on from there.</p>
          <Field id="fork-step" label="From" error={said("/from_step")}>
            <select className="select" id="fork-step" value={place.path} data-first=""
              onChange={(event) => choose(event.target.value)}>
              {all.map((one) => <option key={one.path} value={one.path}>{one.name}</option>)}
            </select>
          </Field>
          <Field id="fork-title" label="Title of the new run" error={said("/title")}>
            <input className="input" id="fork-title" value={title} maxLength={200} dir="auto"
              onChange={(event) => setTitle(event.target.value)} />
          </Field>
          {place.takesInput && (
            <Field id="fork-input" label="New input, JSON" error={jsonFault(input) ?? said("/input")}
              hint="Leave it empty and the step keeps the input it had.">
              <textarea className="textarea mono" id="fork-input" rows={4} value={input}
                spellCheck={false} aria-invalid={!!jsonFault(input)}
                aria-describedby="fork-input-error fork-input-hint"
                onChange={(event) => setInput(event.target.value)} />
            </Field>)}
        </div>)}
      <div className="card-foot"><span className="right row">
        <button type="button" className="btn" onClick={onClose}>Close</button>
        <button type="button" className={`btn primary${isBusy ? " busy" : ""}`}
          disabled={isBusy || !place || !title.trim()} onClick={() => void fork()}>Fork</button>
      </span></div>
    </Overlay>);
}
