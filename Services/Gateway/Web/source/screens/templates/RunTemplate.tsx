import { useRef, useState } from "react";
import { ask, newKey } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { complain } from "../../frame/notices";
import { refresh } from "../../frame/query";
import { Field } from "../../parts/states";
import { useChoice, useWorkspaces, WorkspaceField } from "../../parts/workspaces";

export function RunTemplate(props: {
  id: string;
  name: string;
  onClose: () => void;
  onMade: (id: string) => void;
}) {
  const { id, name, onClose, onMade } = props;
  const [title, setTitle] = useState("");
  const [draft, setDraft] = useState("");
  const key = useRef(newKey());
  const workspaces = useChoice(useWorkspaces().data?.items);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const made = await ask("POST /templates/{id}/runs", {
        path: { id }, key: key.current,
        body: { title: title.trim() || name, draft, workspace_id: workspaces.chosen } });
      refresh("runs/");
      onClose();
      onMade(made.id);
    } catch (error) {
      complain("The run was not started", error);
      setBusy(false);
    }
  };
  return (
    <Overlay label={`Run ${name}`} className="dialog" onClose={onClose}>
      <div className="card-head"><h2>Run “{name}”</h2></div>
      <div className="card-body col g12">
        <Field id="run-title" label="Title">
          <input className="input" id="run-title" data-first="" value={title} maxLength={200}
            placeholder={name} dir="auto" onChange={(event) => setTitle(event.target.value)} />
        </Field>
        <Field id="run-draft" label="Draft, Markdown"
          hint="Leave it empty and the first agent begins from the title.">
          <textarea className="textarea" id="run-draft" rows={6} value={draft} dir="auto"
            onChange={(event) => setDraft(event.target.value)} />
        </Field>
        <WorkspaceField id="run-workspace" choice={workspaces}
          onChange={() => { key.current = newKey(); }} />
      </div>
      <div className="card-foot"><span className="right row">
        <button type="button" className="btn" onClick={onClose}>Close</button>
        <button type="button" className={`btn primary${isBusy ? " busy" : ""}`} disabled={isBusy}
          onClick={() => void run()}>Start</button>
      </span></div>
    </Overlay>);
}
