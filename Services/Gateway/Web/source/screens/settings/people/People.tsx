import { useState } from "react";
import { ask } from "../../../frame/api";
import { useForm } from "../../../frame/form";
import { ago } from "../../../frame/format";
import { refresh } from "../../../frame/query";
import { Link, navigate } from "../../../frame/router";
import { Icon } from "../../../parts/icons";
import { Empty, Skeleton, Tile, Trouble } from "../../../parts/states";
import { useChoice, useWorkspaces, WorkspaceField } from "../../../parts/workspaces";
import { nameOf } from "./roles";

function Create() {
  const [name, setName] = useState("");
  const form = useForm(async () => {
    const made = await ask("POST /workspaces", { body: { name: name.trim() } });
    refresh("workspace-list");
    navigate(`/settings/people/${made.id}`);
  });
  const error = form.errorOf("name") ?? form.other;
  return (
    <form className="col g6" onSubmit={form.submit} noValidate>
      <div className="row">
        <label className="vh" htmlFor="workspace-name">Name of the new workspace</label>
        <input className="input grow" id="workspace-name" value={name} maxLength={200} dir="auto"
          placeholder="A name, such as “Harbour Lane”" aria-invalid={!!error}
          aria-describedby="workspace-name-error" onChange={(event) => setName(event.target.value)} />
        <button type="submit" className={`btn primary${form.isBusy ? " busy" : ""}`}
          disabled={form.isBusy || !name.trim()}><Icon name="plus" size={14} />Create</button>
      </div>
      {error && <span className="err" id="workspace-name-error">
        <Icon name="warning" size={13} />{error}</span>}
    </form>);
}

/** The workspaces that the person is in, and where new runs belong. */
export default function People() {
  const list = useWorkspaces();
  const items = list.data?.items ?? [];
  const choice = useChoice(list.data?.items);
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>People</h1>
        <p className="t2 mt4">A workspace is a group of people who share runs. What is begun in it,
          everybody in it sees.</p></div></div>
      <Create />
      <section className="card" aria-label="Workspaces">
        {list.loading && <Skeleton label="Loading workspaces" rows={2} />}
        {list.problem && !list.data && <Trouble problem={list.problem} retry={list.reload} />}
        {list.data && items.length === 0 && (
          <Empty icon="people" title="No workspaces yet"
            text="Make one and invite others, or open the link of an invitation." />)}
        {items.length > 0 && (
          <ul>
            {items.map((one) => (
              <li className="srow" key={one.id}>
                <div className="row g12">
                  <Tile icon="people" />
                  <span className="grow">
                    <Link className="md block clip plain" dir="auto"
                      href={`/settings/people/${one.id}`}>{one.name}</Link>
                    <span className="t3 sm">Made{" "}
                      <time dateTime={one.created_at}>{ago(one.created_at)}</time></span>
                  </span>
                </div>
                <div className="row"><span className="tag">{nameOf(one.role)}</span>
                  <Link className="btn sm" href={`/settings/people/${one.id}`}
                    aria-label={`Open ${one.name}`}>Open</Link></div>
              </li>))}
          </ul>)}
      </section>
      {choice.all.length > 0 && (
        <section aria-labelledby="new-runs">
          <h2 className="set-h2" id="new-runs">New runs</h2>
          <div className="card card-body">
            <WorkspaceField id="own-workspace" choice={choice} label="Begin them in" />
          </div>
        </section>)}
    </>);
}
