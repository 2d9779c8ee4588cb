import { useState, type FormEvent } from "react";
import { ask } from "../../frame/api";
import { copy } from "../../frame/copy";
import { Confirm } from "../../frame/dialog";
import { ago } from "../../frame/format";
import { complain, say } from "../../frame/notices";
import { useQuery } from "../../frame/query";
import { Icon } from "../../parts/icons";
import { Banner, Empty, Skeleton, Trouble } from "../../parts/states";

export function ApiKeys() {
  const keys = useQuery("api-keys", () => ask("GET /api-keys"));
  const [name, setName] = useState("");
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  const [ending, setEnding] = useState<{ id: string; name: string } | null>(null);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    try {
      setMade(await ask("POST /api-keys", { body: { name: name.trim() } }));
      setName("");
      await keys.reload();
    } catch (error) {
      complain("The key was not made", error);
    }
  };
  const end = async (id: string) => {
    try {
      await ask("DELETE /api-keys/{id}", { path: { id } });
      say("The key has ended");
      await keys.reload();
    } catch (error) {
      complain("The key still counts", error);
    }
  };
  const items = keys.data?.items ?? [];
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>API keys</h1>
        <p className="t2 mt4">For scripts and other programs. A key may do what you may.</p></div></div>
      <form className="row" onSubmit={(event) => void make(event)}>
        <label className="vh" htmlFor="key-name">Name of the new key</label>
        <input className="input grow" id="key-name" placeholder="What it is for, such as “nightly reports”"
          value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        <button type="submit" className="btn primary" disabled={!name.trim()}>
          <Icon name="plus" size={14} />Create key</button>
      </form>
      {made && (
        <Banner kind="ok" icon="check" isBox role="status" end={
          <button type="button" className="btn sm" onClick={() => void copy(made.key)}>
            <Icon name="copy" size={13} />Copy</button>}>
          <b>Copy it now.</b> This is the only time we show
          it: <code className="secret">{made.key}</code>
        </Banner>)}
      <section className="card" aria-label="API keys">
        {keys.loading && <Skeleton label="Loading keys" rows={2} />}
        {keys.problem && !keys.data && <Trouble problem={keys.problem} retry={keys.reload} />}
        {keys.data && items.length === 0 && (
          <Empty icon="key" title="No keys yet"
            text="Make one for each program, so that each can be ended alone." />)}
        {items.length > 0 && (
          <div className="scroll-x" tabIndex={0} role="group" aria-label="Keys">
            <table className="table">
              <thead><tr><th>Name</th><th className="hide-s">Id</th><th>Made</th>
                <th><span className="vh">Actions</span></th></tr></thead>
              <tbody>
                {items.map((key) => (
                  <tr key={key.id}>
                    <td className="md" dir="auto">{key.name}</td>
                    <td className="mono t2 hide-s">{key.id}</td>
                    <td className="t2 nowrap"><time dateTime={key.created_at}>
                      {ago(key.created_at)}</time></td>
                    <td className="tr">
                      <button type="button" className="btn sm danger ghost"
                        aria-label={`End ${key.name}`} onClick={() => setEnding(key)}>End</button>
                    </td>
                  </tr>))}
              </tbody>
            </table>
          </div>)}
      </section>
      {ending && (
        <Confirm title={`End “${ending.name}”?`} isDanger stay="Keep it" act="End key"
          text="Programs that use it are refused from now on. It cannot be brought back."
          onClose={() => setEnding(null)} onAct={() => void end(ending.id)} />)}
    </>);
}
