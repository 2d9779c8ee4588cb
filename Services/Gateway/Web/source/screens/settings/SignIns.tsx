import { useState } from "react";
import { ask, type Reply } from "../../frame/api";
import { Confirm } from "../../frame/dialog";
import { ago } from "../../frame/format";
import { complain, say } from "../../frame/notices";
import { useQuery } from "../../frame/query";
import { Skeleton, Trouble } from "../../parts/states";
import { clientName, issuerName } from "./names";

export type SignIn = Reply<"GET /auth/sessions">["items"][number];

export function useSignIns() {
  return useQuery("sign-ins", () => ask("GET /auth/sessions", { query: { limit: 100 } }));
}

function method(word: string): string {
  return word === "password" ? "by password"
    : `by ${word === "github" ? "GitHub" : issuerName(word)}`;
}

/** The other places where the person is signed in. */
export function SignIns() {
  const list = useSignIns();
  const [ending, setEnding] = useState<SignIn | null>(null);
  const others = (list.data?.items ?? []).filter((one) => !one.is_current);
  const end = async (one: SignIn) => {
    try {
      await ask("DELETE /auth/sessions/{id}", { path: { id: one.id } });
      say(`${clientName(one.client)} is signed out`);
    } catch (error) {
      complain(`${clientName(one.client)} is still signed in`, error);
    }
    await list.reload();
    document.getElementById("sessions-title")?.focus();
  };
  return (
    <>
      {list.loading && <Skeleton label="Loading sign-ins" rows={1} />}
      {list.problem && !list.data && <Trouble problem={list.problem} retry={list.reload} />}
      {others.map((one) => (
        <div className="srow" key={one.id}>
          <div><div className="md clip">{clientName(one.client)}</div>
            <div className="t3 sm clip">{one.address} · {method(one.method)} · used{" "}
              <time dateTime={one.last_used_at}>{ago(one.last_used_at)}</time></div></div>
          <button type="button" className="btn sm" onClick={() => setEnding(one)}
            aria-label={`Sign out ${clientName(one.client)} at ${one.address}`}>Sign out</button>
        </div>))}
      {ending && (
        <Confirm isDanger stay="Leave it" act="Sign out"
          title={`Sign out ${clientName(ending.client)}?`}
          text={`Whoever uses it at ${ending.address} has to sign in again. What it has begun goes on.`}
          onClose={() => setEnding(null)} onAct={() => void end(ending)} />)}
    </>);
}
