import { useState, type FormEvent } from "react";
import { ask, type Reply } from "../../frame/api";
import { Confirm, Overlay } from "../../frame/dialog";
import { ago } from "../../frame/format";
import { complain, say } from "../../frame/notices";
import { asProblem, full, type Problem } from "../../frame/problem";
import { refresh, useQuery } from "../../frame/query";
import { useModels } from "../../parts/OfflineBanner";
import { Field, Skeleton, Status, Trouble } from "../../parts/states";
import { Models } from "./Models";
import { keyed, nameOf, takesKeys } from "./providers";

type Card = Reply<"GET /provider-keys">["items"][number];

/** The key is in this field and in the request, and nowhere else on the page. */
function KeyDialog(props: { provider: string; isNew: boolean; onClose: () => void }) {
  const { provider, isNew, onClose } = props;
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = nameOf(provider);
  const put = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await ask("PUT /provider-keys/{provider}", { path: { provider }, body: { key: key.trim() } });
      refresh("provider-keys");
      onClose();
      say(`Your key for ${name} is kept`, "It is used from the next turn on.");
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const field = problem?.fields["/key"];
  const error = field ? full(`A key ${field}`) : problem?.sentence;
  return (
    <Overlay label={`Key for ${name}`} className="dialog" onClose={onClose}>
      <form onSubmit={(event) => void put(event)} noValidate>
        <div className="card-head"><h2>{isNew ? "Add a key" : "Replace the key"} for {name}</h2></div>
        <div className="card-body col g12">
          <p className="t2">It is encrypted before it is kept, used for your runs alone, and never shown
            again.{!isNew && " The key that is kept now is forgotten."}</p>
          <Field id="provider-key" label="Key" error={error} hint={keyed[provider]?.hint}>
            <input className="input mono" id="provider-key" type="password" value={key} data-first=""
              autoComplete="off" spellCheck={false} maxLength={1_024} aria-invalid={!!error}
              aria-describedby="provider-key-error provider-key-hint"
              onChange={(event) => setKey(event.target.value)} />
          </Field>
        </div>
        <div className="card-foot"><span className="right row">
          <button type="button" className="btn" onClick={onClose}>Close</button>
          <button type="submit" className={`btn primary${isBusy ? " busy" : ""}`}
            disabled={isBusy || !key.trim()}>Keep key</button>
        </span></div>
      </form>
    </Overlay>);
}

function Row(props: {
  provider: string;
  card?: Card;
  hasServer: boolean;
  set: () => void;
  remove: () => void;
}) {
  const { provider, card, hasServer, set, remove } = props;
  const name = nameOf(provider);
  return (
    <li className="srow" data-provider={provider}>
      <div>
        <div className="row wrap"><span className="b">{name}</span>
          {card ? <Status state="completed" word="Your key" />
            : hasServer ? <Status state="completed" word="The server’s key" />
              : <Status state="waiting" word="No key" />}</div>
        <div className="t3 sm">
          {card
            ? <>{card.hint && <span className="mono">…{card.hint} · </span>}kept{" "}
              <time dateTime={card.created_at}>{ago(card.created_at)}</time></>
            : hasServer ? "A key of your own would come before it."
              : "Agents cannot be set to it yet."}
        </div>
      </div>
      <div className="row g6">
        {card && <button type="button" className="btn sm danger ghost" onClick={remove}
          aria-label={`Remove the key for ${name}`}>Remove</button>}
        <button type="button" className={card || hasServer ? "btn sm" : "btn sm primary"} onClick={set}
          aria-label={`${card ? "Replace" : "Add"} the key for ${name}`}>
          {card ? "Replace" : "Add key"}</button>
      </div>
    </li>);
}

/** One's own keys of model providers: they go in, and never come out. */
export function ProviderKeys() {
  const keys = useQuery("provider-keys", () => ask("GET /provider-keys"));
  const models = useModels().data?.items ?? [];
  const [setting, setSetting] = useState<string | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const cards = keys.data?.items ?? [];
  const served = new Set(models.map((model) => model.provider));
  const all = [...new Set([
    ...Object.keys(keyed), ...[...served].filter(takesKeys), ...cards.map((card) => card.provider)])];
  const remove = async (provider: string) => {
    try {
      await ask("DELETE /provider-keys/{provider}", { path: { provider } });
      say(`Your key for ${nameOf(provider)} is forgotten`);
    } catch (error) {
      complain("The key is still kept", error);
    }
    refresh("provider-keys");
  };
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>Provider keys</h1>
        <p className="t2 mt4">Your own keys come before the server’s. They are encrypted at rest and
          never shown again.</p></div></div>
      <section className="card" aria-label="Providers">
        {keys.loading && <Skeleton label="Loading keys" />}
        {keys.problem && !keys.data && <Trouble problem={keys.problem} retry={keys.reload} />}
        {keys.data && (
          <ul>
            {all.map((provider) => (
              <Row key={provider} provider={provider} hasServer={served.has(provider)}
                card={cards.find((card) => card.provider === provider)}
                set={() => setSetting(provider)} remove={() => setRemoving(provider)} />))}
            <li className="srow">
              <div><div className="row"><span className="b">Offline provider</span>
                <span className="tag">Built in</span></div>
                <div className="t3 sm">Plain, repeatable text with no network and no key. Whatever it
                  writes is labelled “offline”.</div></div>
            </li>
          </ul>)}
      </section>
      <Models />
      {setting && (
        <KeyDialog provider={setting} onClose={() => setSetting(null)}
          isNew={!cards.some((card) => card.provider === setting)} />)}
      {removing && (
        <Confirm title={`Remove your key for ${nameOf(removing)}?`} isDanger stay="Keep it"
          act="Remove key" text={served.has(removing)
            ? "Your agents use the server’s key from the next turn on."
            : "Runs whose agents are set to it stop at their next turn, and can be tried again."}
          onClose={() => setRemoving(null)} onAct={() => void remove(removing)} />)}
    </>);
}
