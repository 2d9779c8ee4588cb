import { useRef, useState } from "react";
import { ask, type Body } from "../../frame/api";
import { complain } from "../../frame/notices";
import { put, useQuery } from "../../frame/query";
import { person } from "../../frame/session";
import { useStore } from "../../frame/store";
import { Skeleton, Trouble } from "../../parts/states";

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

/** What a person is told of, and how. */
export default function Notifications() {
  const { query, wishes, want } = useWishes();
  const me = useStore(person);
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
                  <th scope="row" className="cell">{when}</th>
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
