import { useState } from "react";
import { ask, newKey } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { complain, say } from "../../frame/notices";
import { useQuery } from "../../frame/query";
import { navigate } from "../../frame/router";
import { Field, Skeleton, Trouble } from "../../parts/states";
import type { Session } from "./live";
import type { Story } from "./story";

interface Place {
  path: string;
  name: string;
}

/** The steps where a turn begins, as a person would name them. */
function places(paths: string[], story: Story): Place[] {
  const seen = new Map<number, number>();
  return paths.flatMap((path): Place[] => {
    const found = /(\d+)\.round\/.*turn\/0\.look$/.exec(path);
    if (found) {
      const round = Number(found[1]);
      const turn = seen.get(round) ?? 0;
      seen.set(round, turn + 1);
      const agent = story.rounds[round]?.turns[turn]?.agent ?? `turn ${turn + 1}`;
      return [{ path, name: `Round ${round + 1}, before ${agent}` }];
    }
    return path.endsWith(".close") ? [{ path, name: "Before the end" }] : [];
  });
}

export function ForkDialog(props: { session: Session; story: Story; onClose: () => void }) {
  const { session, story, onClose } = props;
  const steps = useQuery(
    `steps/${session.id}`, () => ask("GET /runs/{id}/steps", { path: { id: session.id } }));
  const all = places((steps.data?.items ?? []).map((step) => step.path), story);
  const [chosen, choose] = useState<string | null>(null);
  const [title, setTitle] = useState(`${session.title} (fork)`.slice(0, 200));
  const [key] = useState(newKey);
  const [isBusy, setBusy] = useState(false);
  const path = chosen ?? all[all.length - 1]?.path;
  const fork = async () => {
    setBusy(true);
    try {
      const run = await ask("POST /runs/{id}/fork", {
        path: { id: session.id }, body: { from_step: path, title }, key });
      onClose();
      say("Forked", "The new run goes on from there; this one stays as it is.");
      navigate(`/runs/${run.id}`);
    } catch (error) {
      complain("The run was not forked", error);
      setBusy(false);
    }
  };
  return (
    <Overlay label="Fork this run" className="dialog" onClose={onClose}>
      <div className="card-head"><h2>Fork this run</h2></div>
      {steps.problem && <Trouble problem={steps.problem} retry={steps.reload} />}
      {steps.loading && <Skeleton label="Loading steps" rows={2} />}
      {steps.data && (
        <div className="card-body col g12">
          <p className="t2">A new run shares what this one has done up to the step you choose, at no
            further cost, and goes on from there.</p>
          <Field id="fork-step" label="From">
            <select className="select" id="fork-step" value={path} data-first=""
              onChange={(event) => choose(event.target.value)}>
              {all.map((one) => <option key={one.path} value={one.path}>{one.name}</option>)}
            </select>
          </Field>
          <Field id="fork-title" label="Title of the new run">
            <input className="input" id="fork-title" value={title} maxLength={200}
              onChange={(event) => setTitle(event.target.value)} />
          </Field>
        </div>)}
      <div className="card-foot"><span className="right row">
        <button type="button" className="btn" onClick={onClose}>Close</button>
        <button type="button" className={`btn primary${isBusy ? " busy" : ""}`}
          disabled={isBusy || !path || !title} onClick={() => void fork()}>Fork</button>
      </span></div>
    </Overlay>);
}
