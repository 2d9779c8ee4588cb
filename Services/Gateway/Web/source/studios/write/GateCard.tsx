import { useRef, useState } from "react";
import { ask } from "../../frame/api";
import { complain } from "../../frame/notices";
import { refresh, useQuery } from "../../frame/query";
import { Keys, useCommands } from "../../frame/shortcuts";
import type { LiveRun, Session } from "./live";

/** What a run asks, and a person's word on it. */
export function GateCard({ live, session }: { live: LiveRun; session: Session }) {
  const gates = useQuery(
    `gates/${session.id}`, () => ask("GET /runs/{id}/gates", { path: { id: session.id } }), 5_000);
  const gate = gates.data?.items.find((one) => one.state === "open");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState<"approve" | "reject" | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const decide = async (decision: "approve" | "reject") => {
    if (!gate || busy) return;
    if (decision === "reject" && !note.trim()) {
      field.current?.focus();
      return;
    }
    setBusy(decision);
    try {
      await ask("POST /runs/{id}/gates/{gate}", {
        path: { id: session.id, gate: gate.id },
        body: { decision, feedback: note.trim() || undefined } });
      setNote("");
      refresh(`gates/${session.id}`);
      refresh("runs/");
      live.again();
    } catch (error) {
      complain("Your decision was not taken", error);
    } finally {
      setBusy(null);
    }
  };
  useCommands([
    { id: "approve", name: "Approve", group: "This gate", keys: "A", icon: "check",
      run: () => void decide("approve") },
    { id: "reject", name: "Send it back", group: "This gate", keys: "R", icon: "close",
      run: () => (note.trim() ? void decide("reject") : field.current?.focus()) },
  ]);
  if (!gate) return null;
  return (
    <section className="card gate-card decide" aria-labelledby="gate">
      <div className="card-head"><span className="st wait" aria-hidden="true"><i /></span>
        <h2 id="gate" dir="auto">{gate.prompt}</h2></div>
      <div className="card-body col">
        <label className="label" htmlFor="gate-note">Note to the agents
          <span className="t3"> (needed to send it back)</span></label>
        <textarea ref={field} className="textarea" id="gate-note" rows={2} value={note} dir="auto"
          onChange={(event) => setNote(event.target.value)} />
        <div className="row end">
          <span className="hint grow">The run waits for as long as you need, at no cost.</span>
          <button type="button" className={`btn danger${busy === "reject" ? " busy" : ""}`}
            disabled={busy !== null} onClick={() => void decide("reject")}>
            Send back<Keys keys="R" />
          </button>
          <button type="button" className={`btn primary${busy === "approve" ? " busy" : ""}`}
            disabled={busy !== null} onClick={() => void decide("approve")}>
            Approve<Keys keys="A" />
          </button>
        </div>
      </div>
    </section>);
}
