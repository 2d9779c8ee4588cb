import { useState } from "react";
import { ask, newKey } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { complain, say } from "../../frame/notices";
import { asProblem, full, type Problem } from "../../frame/problem";
import { useQuery } from "../../frame/query";
import { person } from "../../frame/session";
import { Field, Status } from "../../parts/states";
import type { Session } from "./live";
import { errorAt } from "./plan";

const words: Record<string, [string, string]> = {
  waiting: ["waiting", "On its way"], sent: ["completed", "Sent"], failed: ["failed", "Not sent"],
};

/** The document to people's inboxes, with the Word file attached. */
export function EmailDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const [to, setTo] = useState(person.get()?.email ?? "");
  const [subject, setSubject] = useState(session.title.slice(0, 150));
  const [preview, setPreview] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [key] = useState(newKey);
  const [isBusy, setBusy] = useState(false);
  const sent = useQuery(`emails/${session.id}`, () =>
    ask("GET /sessions/{id}/emails", { path: { id: session.id } }), 3_000).data;
  const errorOf = (field: string) => {
    const what = problem && errorAt(problem.fields, `/${field}`);
    return what ? full(`This ${what}`) : undefined;
  };
  const send = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await ask("POST /sessions/{id}/email", { path: { id: session.id }, key, body: {
        to, subject: subject.trim() || undefined, preview: preview.trim() || undefined } });
      onClose();
      say("It is on its way", "Open this again to see whether it arrived at the mail server.");
    } catch (error) {
      const found = asProblem(error);
      setProblem(found);
      if (Object.keys(found.fields).length === 0) complain("The e-mail was not taken", found);
      setBusy(false);
    }
  };
  return (
    <Overlay label="Send by e-mail" className="dialog" onClose={onClose}>
      <div className="card-head"><h2>Send by e-mail</h2></div>
      <div className="card-body col g12">
        <p className="t2">The document as a letter, with the Word file attached.</p>
        <Field id="mail-to" label="To" error={errorOf("to")} hint="Several with commas between them.">
          <input className="input" id="mail-to" type="text" inputMode="email" value={to} data-first=""
            aria-invalid={!!errorOf("to")} aria-describedby="mail-to-error mail-to-hint"
            onChange={(event) => setTo(event.target.value)} />
        </Field>
        <Field id="mail-subject" label="Subject" error={errorOf("subject")}>
          <input className="input" id="mail-subject" value={subject} maxLength={150} dir="auto"
            onChange={(event) => setSubject(event.target.value)} />
        </Field>
        <Field id="mail-preview" label="Preview line" error={errorOf("preview")}
          hint="What an inbox shows beside the subject.">
          <input className="input" id="mail-preview" value={preview} maxLength={150} dir="auto"
            aria-describedby="mail-preview-hint" onChange={(event) => setPreview(event.target.value)} />
        </Field>
        {(sent?.items.length ?? 0) > 0 && (
          <ul className="list">
            {sent?.items.slice(0, 5).map((mail) => (
              <li key={mail.id}>
                <span className="grow clip">{mail.to.join(", ")}</span>
                <Status state={words[mail.state]?.[0] ?? mail.state}
                  word={mail.error && mail.state === "failed" ? mail.error : words[mail.state]?.[1]} />
              </li>))}
          </ul>)}
      </div>
      <div className="card-foot"><span className="right row">
        <button type="button" className="btn" onClick={onClose}>Close</button>
        <button type="button" className={`btn primary${isBusy ? " busy" : ""}`}
          disabled={isBusy || !to.trim()} onClick={() => void send()}>Send</button>
      </span></div>
    </Overlay>);
}
