import { useRef, useState, type FormEvent } from "react";
import { ask } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { say } from "../../frame/notices";
import { asProblem, full, type Problem } from "../../frame/problem";
import { useQuery } from "../../frame/query";
import { Link, navigate } from "../../frame/router";
import { ended, person } from "../../frame/session";
import { useStore } from "../../frame/store";
import { Icon } from "../../parts/icons";
import { Field } from "../../parts/states";
import { useSignIns } from "./SignIns";

/** So long after signing in the server asks for no password. It tells 10 minutes; a minute is to act in. */
const recently = 9 * 60_000;

function What() {
  return (
    <div className="grid c2 goes">
      <div><h3>What goes</h3>
        <ul className="t2 sm">
          <li>Your name, address, password and every sign-in</li>
          <li>API keys, and your own provider keys</li>
          <li>Templates, schedules and webhooks</li>
          <li>Runs that are under way: they are stopped</li>
          <li>Your place in workspaces; those that nobody else is in</li>
        </ul></div>
      <div><h3>What stays</h3>
        <ul className="t2 sm">
          <li>Runs and documents in workspaces, read by who is in them, under no name</li>
          <li>Your other runs, seen by nobody any more</li>
          <li>The ledger of credits and the audit log</li>
        </ul></div>
    </div>);
}

/** Asks for the password, or for nothing where somebody has just signed in: as the server does. */
function EndDialog({ onClose }: { onClose: () => void }) {
  const me = useStore(person);
  const signIns = useSignIns();
  const providers = useQuery("providers", () => ask("GET /auth/providers")).data?.items ?? [];
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const current = signIns.data?.items.find((one) => one.is_current);
  const isFresh = !!current && Date.now() - Date.parse(current.created_at) < recently &&
    problem?.status !== 403;
  const end = async () => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const gone = await ask("POST /user/me/delete", { body: password ? { password } : {} });
      ended();
      navigate("/");
      say("Your account has ended", gone.workspaces_deleted.length > 0
        ? "Workspaces that you alone were in have ended with it." : undefined);
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  // Enter never destroys: it leads to the button.
  const whenEntered = (event: FormEvent) => {
    event.preventDefault();
    button.current?.focus();
  };
  const field = problem?.fields["/password"];
  const other = problem && !field ? full(problem.detail || problem.title) : undefined;
  const back = encodeURIComponent("/settings/account");
  return (
    <Overlay label="End your account?" className="dialog sheet" onClose={onClose}>
      <form onSubmit={whenEntered} noValidate>
        <div className="card-head"><h2 className="clip">End the account of {me?.email}?</h2></div>
        <div className="card-body col g16">
          <p className="t2">It ends at once and cannot be brought back.</p>
          <What />
          {!isFresh && signIns.data && (
            <Field id="end-password" label="Your password" error={field && full(`This ${field}`)}
              hint={providers.length > 0 ? <>Or sign in once more, and come back here within ten
                minutes: {providers.map((one) => (
                  <a key={one.id} href={`${one.url}&return_to=${back}`}>{one.name}</a>))}</> : undefined}>
              <input className="input" id="end-password" type="password" value={password}
                autoComplete="current-password" aria-invalid={!!field}
                aria-describedby="end-password-error end-password-hint"
                onChange={(event) => setPassword(event.target.value)} />
            </Field>)}
          {isFresh && <p className="hint">You have signed in just now, so no password is asked for.</p>}
          {other && (
            <p className="err" role="alert"><Icon name="warning" size={13} /><span>{other}{" "}
              {problem?.status === 409 && <Link href="/settings/people">Your workspaces</Link>}</span></p>)}
        </div>
        <div className="card-foot"><span className="right row">
          <button type="button" className="btn" data-first="" onClick={onClose}>Keep it</button>
          <button type="button" ref={button} className={`btn danger${isBusy ? " busy" : ""}`}
            disabled={!isFresh && !password} onClick={() => void end()}>
            End my account</button>
        </span></div>
      </form>
    </Overlay>);
}

export function EndAccount() {
  const [isAsking, setAsking] = useState(false);
  return (
    <section aria-labelledby="end-title">
      <h2 className="set-h2" id="end-title">End the account</h2>
      <div className="card"><div className="srow">
        <div><div className="md">You and all that proves to be you</div>
          <div className="t3 sm">What others work on with you stays with them.</div></div>
        <button type="button" className="btn sm danger" onClick={() => setAsking(true)}>
          End account …</button>
      </div></div>
      {isAsking && <EndDialog onClose={() => setAsking(false)} />}
    </section>);
}
