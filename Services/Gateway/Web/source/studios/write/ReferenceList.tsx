import { useRef, useState, type DragEvent } from "react";
import { sendText } from "../../frame/api";
import { bytes } from "../../frame/format";
import { complain } from "../../frame/notices";
import { full, Problem } from "../../frame/problem";
import { Icon } from "../../parts/icons";
import type { ReferencePlan } from "./plan";

const mostBytes = 2 << 20;
const mostFiles = 10;

async function upload(file: File): Promise<ReferencePlan> {
  if (file.size > mostBytes) {
    throw new Problem(413, "invalid", "too large",
      `${file.name} has ${bytes(file.size)}; a reference takes ${bytes(mostBytes)} of text`);
  }
  const type = /\.(md|markdown)$/i.test(file.name) ? "text/markdown" : "text/plain";
  const kept = await sendText(
    "POST", `/references?name=${encodeURIComponent(file.name)}`, await file.text(), type);
  return { id: kept.id, name: kept.name, bytes: kept.bytes };
}

interface Props {
  references: ReferencePlan[];
  error?: string;
  change: (references: ReferencePlan[]) => void;
}

/** Texts that the agents are given beside the draft. */
export function ReferenceList({ references, error, change }: Props) {
  const [busy, setBusy] = useState(0);
  const [isOver, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const take = async (files: FileList | null) => {
    let all = references;
    for (const file of [...(files ?? [])].slice(0, mostFiles - references.length)) {
      setBusy((count) => count + 1);
      try {
        all = [...all, await upload(file)];
        change(all);
      } catch (failure) {
        complain(`${file.name} was not taken`, failure);
      }
      setBusy((count) => count - 1);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };
  return (
    <section className="card" aria-labelledby="references">
      <div className="card-head"><h2 id="references">References</h2>
        <span className="count">{references.length}</span></div>
      <ul className="list">
        {references.map((one) => (
          <li key={one.id}>
            <Icon name="file" size={14} /><span className="grow clip" dir="auto">{one.name}</span>
            <span className="t3 sm num">{bytes(one.bytes)}</span>
            <button type="button" className="btn icon ghost sm" aria-label={`Remove ${one.name}`}
              onClick={() => change(references.filter((other) => other.id !== one.id))}>
              <Icon name="close" size={13} /></button>
          </li>))}
      </ul>
      <div className={`drop${isOver ? " over" : ""}`} onDrop={drop}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}>
        {busy > 0 ? "Taking it in …" : <>Drop text or Markdown here, or{" "}
          <button type="button" className="linkish" onClick={() => picker.current?.click()}>
            choose</button></>}
        <input ref={picker} type="file" className="vh" tabIndex={-1} multiple
          accept=".txt,.md,.markdown,text/plain,text/markdown" aria-label="Reference files"
          onChange={(event) => { void take(event.target.files); event.target.value = ""; }} />
      </div>
      {error && <p className="err pad-x"><Icon name="warning" size={13} />{full(`This ${error}`)}</p>}
    </section>);
}
