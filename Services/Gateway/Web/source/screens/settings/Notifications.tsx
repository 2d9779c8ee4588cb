import { useRef, useState } from "react";
import { ask, type Body } from "../../frame/api";
import { complain } from "../../frame/notices";
import { put, useQuery } from "../../frame/query";
import { person } from "../../frame/session";
import { useStore } from "../../frame/store";
import { Skeleton, Trouble } from "../../parts/states";
import { askNotices, type Notice } from "../../parts/told";

type Wishes = Body<"PUT /notifications">;
type Way = keyof Wishes["gate_waiting"];

const rows: Array<[keyof Wishes, string]> = [
  ["gate_waiting", "A gate waits for me"], ["run_completed", "My run finished"],
  ["run_failed", "My run failed"], ["experiment_winner", "An experiment has a winner"],
  ["credits_low", "Credits below a tenth"],
];
const ways: Array<[Way, string]> = [["in_app", "In the app"], ["email", "Email"]];

/** What is wished for shows at once; it goes to the server in order, and back where it was if that fails. */
function useWishes() {
  const query = useQuery("notifications", () => ask("GET /notifications"));
  const [shown, setShown] = useState<Wishes | null>(null);
  const wanted = useRef<Wishes | null>(null);
  const isBusy = useRef(false);
  const want = async (wishes: Wishes): Promise<void> => {
    wanted.current = wishes;
    setShown(wishes);
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      while (wanted.current) {
        const sent: Wishes = wanted.current;
        put("notifications", await ask("PUT /notifications", { body: sent }));
        if (wanted.current === sent) wanted.current = null;
      }
    } catch (error) {
      const lost = wanted.current;
      wanted.current = null;
      complain("Your choice was not kept", error,
        lost ? { name: "Try again", run: () => void want(lost) } : undefined);
    }
    isBusy.current = false;
    setShown(null);
  };
  return { query, wishes: shown ?? query.data, want };
}

const notes: Partial<Record<Notice["email"], string>> = {
  failed: "The last email could not be sent.",
  limited: "The last email was left out: there were too many.",
};

/** What became of the last email of each kind, where something did. */
function useTroubles(): Map<string, string> {
  const items = useQuery("notices/last", () => askNotices(undefined, 50)).data?.items ?? [];
  const found = new Map<string, string>();
  const known = new Set<string>();
  for (const one of items) {
    if (one.email === "none" || one.email === "waiting" || known.has(one.kind)) continue;
    known.add(one.kind);
    const note = notes[one.email];
    if (note) found.set(one.kind, note);
  }
  return found;
}

/** What a person is told of, and how. */
export default function Notifications() {
  const { query, wishes, want } = useWishes();
  const me = useStore(person);
  const troubles = useTroubles();
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>Notifications</h1>
        <p className="t2 mt4">What you are told of, and how.</p></div></div>
      <section className="card" aria-label="Notifications">
        {query.loading && <Skeleton label="Loading notifications" />}
        {query.problem && !wishes && <Trouble problem={query.problem} retry={query.reload} />}
        {wishes && (
          <table className="table">
            <thead><tr><th>When</th>{ways.map(([way, name]) => <th key={way}>{name}</th>)}</tr></thead>
            <tbody>
              {rows.map(([kind, when]) => (
                <tr key={kind}>
                  <th scope="row" className="cell">{when}
                    {kind === "experiment_winner" &&
                      <span className="t3 sm block">Nothing tells of it yet.</span>}
                    {wishes[kind].email && troubles.has(kind) && (
                      <span className="wait-text sm block">{troubles.get(kind)}</span>)}</th>
                  {ways.map(([way, name]) => (
                    <td key={way}>
                      <input type="checkbox" className="switch" role="switch"
                        aria-label={`${when}: ${name}`} checked={wishes[kind][way]}
                        onChange={(event) => void want({
                          ...wishes,
                          [kind]: { ...wishes[kind], [way]: event.target.checked } })} />
                    </td>))}
                </tr>))}
            </tbody>
          </table>)}
      </section>
      {wishes && (
        <p className="hint">In the app: at the bell above. Email goes to{" "}
          <span className="clip">{me?.email}</span>, where this server can send any.</p>)}
    </>);
}
