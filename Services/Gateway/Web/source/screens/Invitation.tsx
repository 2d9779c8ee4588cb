import { useState } from "react";
import { ask } from "../frame/api";
import { complain, say } from "../frame/notices";
import { asProblem, full, type Problem } from "../frame/problem";
import { refresh } from "../frame/query";
import { Link, navigate } from "../frame/router";
import { person, signOut } from "../frame/session";
import { useStore } from "../frame/store";
import { Banner, Tile } from "../parts/states";
import { nameOf } from "./settings/people/roles";

/** What can be done about an invitation that was refused. */
function advice(problem: Problem): string {
  switch (problem.status) {
    case 403: return "Sign in with the account of the address that it was sent to.";
    case 404: return "Ask who invited you for a new one.";
    default: return problem.sentence.slice(full(problem.detail).length).trim();
  }
}

/** The link of an invitation. Nothing is told of the workspace before somebody joins it. */
export default function Invitation({ token }: { token: string }) {
  const me = useStore(person);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const joined = await ask("POST /invitations/accept", { body: { token } });
      refresh("workspace-list");
      refresh("runs/");
      say(`You are in “${joined.name}” now`, `As ${nameOf(joined.role).toLowerCase()}.`);
      // Nobody comes back to a link that has been used.
      navigate(`/settings/people/${joined.id}`, { replace: true });
      document.getElementById("main")?.focus();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const change = async () => {
    try {
      const back = encodeURIComponent(location.pathname);
      await signOut();
      navigate(`/sign-in?next=${back}`, { replace: true });
    } catch (error) {
      complain("You are still signed in", error);
    }
  };
  const isOver = problem !== null && [404, 409].includes(problem.status);
  return (
    <div className="wrap narrow">
      <section className="card invitation" aria-labelledby="invitation-title">
        <div className="card-body col g12">
          <Tile icon="people" size="lg" />
          <h1 id="invitation-title">You are invited to a workspace</h1>
          <p className="t2">The people in a workspace share its runs: each sees what the others began
            there. What you have begun elsewhere stays yours alone.</p>
          <p className="t2">You are signed in as <b className="t1">{me?.email}</b>. An invitation counts
            once, for the account of the address that it was sent to.</p>
          {problem && (
            <Banner kind="bad" icon="warning" isBox role="alert">
              <b>{full(problem.detail || problem.title)}</b> {advice(problem)}</Banner>)}
        </div>
        <div className="card-foot">
          {isOver
            ? <Link className="btn" href="/settings/people">Your workspaces</Link>
            : <>
              <button type="button" className="btn" onClick={() => void change()}>
                Use another account</button>
              <span className="right row">
                <Link className="btn ghost" href="/">Not now</Link>
                <button type="button" className={`btn primary${isBusy ? " busy" : ""}`}
                  disabled={isBusy} onClick={() => void join()}>Join</button>
              </span>
            </>}
        </div>
      </section>
    </div>);
}
