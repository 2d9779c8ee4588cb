import { useState, type FormEvent } from "react";
import { ask, newKey } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { complain } from "../../frame/notices";
import { asProblem, full, type Problem } from "../../frame/problem";
import { refresh } from "../../frame/query";
import { Field } from "../../parts/states";
import type { Session } from "./live";

export function ContinueDialog(props: {
  session: Session;
  onClose: () => void;
  onMade: (id: string) => void;
}) {
  const { session, onClose, onMade } = props;
  const [rounds, setRounds] = useState(String(session.max_rounds));
  const [stop, setStop] = useState(String(session.score_threshold ?? ""));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [key] = useState(newKey);
  const [isBusy, setBusy] = useState(false);
  const said = (field: string) =>
    (problem?.fields[field] ? full(`This ${problem.fields[field]}`) : undefined);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const made = await ask("POST /sessions/{id}/continue", {
        path: { id: session.id }, key,
        body: { max_rounds: Number(rounds), score_threshold: stop ? Number(stop) : undefined,
          start: true } });
      refresh("runs/");
      onClose();
      onMade(made.id);
    } catch (error) {
      const found = asProblem(error);
      setProblem(found);
      if (Object.keys(found.fields).length === 0) complain("The session was not continued", found);
      setBusy(false);
    }
  };
  return (
    <Overlay label="Continue this session" className="dialog" onClose={onClose}>
      <form onSubmit={(event) => void go(event)} noValidate>
        <div className="card-head"><h2>Continue this session</h2></div>
        <div className="card-body col g12">
          <p className="t2">A new session begins with this document, the same agents and the same
            references.</p>
          <div className="grid c2 keep2">
            <Field id="more-rounds" label="Rounds, at most" error={said("/max_rounds")}>
              <input className="input" id="more-rounds" type="number" min={1} max={50}
                value={rounds} data-first="" aria-invalid={!!said("/max_rounds")}
                aria-describedby="more-rounds-error"
                onChange={(event) => setRounds(event.target.value)} />
            </Field>
            <Field id="more-stop" label="Stop at score" error={said("/score_threshold")}>
              <input className="input" id="more-stop" type="number" min={0} max={10} step={0.1}
                value={stop} aria-invalid={!!said("/score_threshold")}
                aria-describedby="more-stop-error"
                onChange={(event) => setStop(event.target.value)} />
            </Field>
          </div>
        </div>
        <div className="card-foot"><span className="right row">
          <button type="button" className="btn" onClick={onClose}>Close</button>
          <button type="submit" className={`btn primary${isBusy ? " busy" : ""}`}
            disabled={isBusy}>Continue</button>
        </span></div>
      </form>
    </Overlay>);
}
