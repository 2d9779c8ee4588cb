import { useState } from "react";
import { ask, type Reply } from "../../frame/api";
import { Confirm } from "../../frame/dialog";
import { day } from "../../frame/format";
import { say } from "../../frame/notices";
import { asProblem } from "../../frame/problem";
import { useQuery } from "../../frame/query";
import { Icon } from "../../parts/icons";
import { Skeleton, Trouble } from "../../parts/states";
import { issuerName } from "./names";

type Identity = Reply<"GET /auth/identities">["items"][number];

/** Where else the person signs in. Nothing where nothing is set up, and nothing was. */
export function Identities() {
  const list = useQuery("identities", () => ask("GET /auth/identities"));
  const providers = useQuery("providers", () => ask("GET /auth/providers")).data?.items ?? [];
  const [ending, setEnding] = useState<Identity | null>(null);
  const [refusal, setRefusal] = useState<{ id: string; sentence: string } | null>(null);
  const items = list.data?.items ?? [];
  const unlink = async (one: Identity) => {
    setRefusal(null);
    try {
      await ask("DELETE /auth/identities/{id}", { path: { id: one.id } });
      say(`${issuerName(one.issuer)} signs you in no more`);
      document.getElementById("elsewhere-title")?.focus();
    } catch (error) {
      setRefusal({ id: one.id, sentence: asProblem(error).sentence });
    }
    await list.reload();
  };
  if (items.length === 0 && providers.length === 0 && !list.problem) return null;
  const back = encodeURIComponent("/settings/account");
  return (
    <section aria-labelledby="elsewhere-title">
      <h2 className="set-h2" id="elsewhere-title" tabIndex={-1}>Sign-in elsewhere</h2>
      <div className="card">
        {list.loading && <Skeleton label="Loading ways to sign in" rows={1} />}
        {list.problem && !list.data && <Trouble problem={list.problem} retry={list.reload} />}
        {items.length > 0 && (
          <ul>
            {items.map((one) => (
              <li className="srow" key={one.id}>
                <div><div className="md clip">{issuerName(one.issuer)}</div>
                  <div className="t3 sm clip"><span className="mono">{one.subject}</span> · linked{" "}
                    <time dateTime={one.created_at}>{day(one.created_at)}</time></div></div>
                <button type="button" className="btn sm danger ghost" onClick={() => setEnding(one)}
                  aria-label={`Unlink ${issuerName(one.issuer)}`}>Unlink</button>
                {refusal?.id === one.id && (
                  <span className="err" role="alert">
                    <Icon name="warning" size={13} />{refusal.sentence}</span>)}
              </li>))}
          </ul>)}
        {providers.length > 0 && list.data && (
          <div className={items.length > 0 ? "card-foot wrap-foot" : "card-body row wrap"}>
            {providers.map((one) => (
              // An ordinary link: the browser itself goes there and comes back.
              <a key={one.id} className="btn sm" href={`${one.url}&link=1&return_to=${back}`}>
                <Icon name="plus" size={13} />Link {one.name}</a>))}
            <span className="hint">Then you can sign in there as well.</span>
          </div>)}
      </div>
      {ending && (
        <Confirm isDanger stay="Keep it" act="Unlink"
          title={`Unlink ${issuerName(ending.issuer)}?`}
          text={`You can no longer sign in there as ${ending.subject}. You stay signed in here, and can ` +
            "link it again."}
          onClose={() => setEnding(null)} onAct={() => void unlink(ending)} />)}
    </section>);
}
