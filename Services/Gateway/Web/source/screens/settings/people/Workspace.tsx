import { useEffect, useState } from "react";
import { ask } from "../../../frame/api";
import { Confirm, Overlay } from "../../../frame/dialog";
import { useForm } from "../../../frame/form";
import { complain, say } from "../../../frame/notices";
import { put, refresh, useQuery } from "../../../frame/query";
import { Link, navigate } from "../../../frame/router";
import { person } from "../../../frame/session";
import { useStore } from "../../../frame/store";
import { Icon } from "../../../parts/icons";
import { heading } from "../../../parts/Shell";
import { Field, Skeleton, Trouble } from "../../../parts/states";
import { useWorkspaces, type Workspace as Group } from "../../../parts/workspaces";
import { Invitations } from "./Invitations";
import { MemberList } from "./MemberList";
import { mayInvite, nameOf, whole } from "./roles";

function Rename({ workspace, onClose }: { workspace: Group; onClose: () => void }) {
  const [name, setName] = useState(workspace.name);
  const form = useForm(async () => {
    const { id } = workspace;
    put(`workspace/${id}`, await ask("PATCH /workspaces/{id}", {
      path: { id }, body: { name: name.trim() } }));
    refresh("workspace-list");
    onClose();
  });
  const error = form.errorOf("name") ?? form.other;
  return (
    <Overlay label={`Rename ${workspace.name}`} className="dialog" onClose={onClose}>
      <form onSubmit={form.submit} noValidate>
        <div className="card-head"><h2 className="clip">Rename “{workspace.name}”</h2></div>
        <div className="card-body">
          <Field id="new-name" label="Name" error={error}>
            <input className="input" id="new-name" value={name} maxLength={200} dir="auto" data-first=""
              aria-invalid={!!error} aria-describedby="new-name-error"
              onChange={(event) => setName(event.target.value)} />
          </Field>
        </div>
        <div className="card-foot"><span className="right row">
          <button type="button" className="btn" onClick={onClose}>Close</button>
          <button type="submit" className={`btn primary${form.isBusy ? " busy" : ""}`}
            disabled={form.isBusy || !name.trim() || name.trim() === workspace.name}>Rename</button>
        </span></div>
      </form>
    </Overlay>);
}

/** How somebody goes, or all of it. */
function Ends({ workspace }: { workspace: Group }) {
  const [asking, setAsking] = useState<"leave" | "delete" | null>(null);
  const [busy, setBusy] = useState<"leave" | "delete" | null>(null);
  const { id, name } = workspace;
  const act = async (what: "leave" | "delete", done: string, still: string) => {
    if (busy) return;
    setBusy(what);
    try {
      await (what === "delete" ? ask("DELETE /workspaces/{id}", { path: { id } })
        : ask("DELETE /workspaces/{id}/members/{user}", {
          path: { id, user: person.get()?.id ?? "" } }));
      say(done);
      refresh("workspace-list");
      refresh("runs/");
      navigate("/settings/people");
    } catch (error) {
      complain(still, error);
      setBusy(null);
    }
  };
  return (
    <section aria-labelledby="ends-title">
      <h2 className="set-h2" id="ends-title">Ending</h2>
      <div className="card">
        <div className="srow">
          <div><div className="md">Leave this workspace</div>
            <div className="t3 sm">You see its runs no more, also those that you began.</div></div>
          <button type="button" className={`btn sm danger${busy === "leave" ? " busy" : ""}`}
            onClick={() => setAsking("leave")}>Leave</button>
        </div>
        {workspace.role === "owner" && (
          <div className="srow">
            <div><div className="md">Delete this workspace</div>
              <div className="t3 sm">For everybody. Its runs stay with who made them.</div></div>
            <button type="button" className={`btn sm danger${busy === "delete" ? " busy" : ""}`}
              onClick={() => setAsking("delete")}>Delete</button>
          </div>)}
      </div>
      {asking === "leave" && (
        <Confirm isDanger title={`Leave “${name}”?`} stay="Stay" act="Leave"
          text={"You see its runs no more, also those that you began: they stay in the workspace. To come " +
            "back you need a new invitation."}
          onClose={() => setAsking(null)}
          onAct={() => void act("leave", `You have left “${name}”`, `You are still in “${name}”`)} />)}
      {asking === "delete" && (
        <Confirm isDanger title={`Delete “${name}”?`} stay="Keep it" act="Delete workspace"
          text={"Everybody is out of it at once, and open invitations count no more. Each of its runs stays " +
            "with who made it and is seen by nobody else. It cannot be brought back."}
          onClose={() => setAsking(null)}
          onAct={() => void act("delete", `“${name}” is deleted`, `“${name}” is still there`)} />)}
    </section>);
}

/** One workspace: who is in it, who is invited, and how it ends. */
export default function Workspace({ id }: { id: string }) {
  const query = useQuery(`workspace/${id}`, () => ask("GET /workspaces/{id}", { path: { id } }));
  const members = useQuery(`workspace/${id}/members`, () => whole((cursor) =>
    ask("GET /workspaces/{id}/members", { path: { id }, query: { limit: 100, cursor } })));
  const known = useWorkspaces().data?.items.find((one) => one.id === id);
  const workspace = query.data ?? (query.problem ? undefined : known);
  const [isRenaming, setRenaming] = useState(false);
  const me = useStore(person);
  const name = workspace?.name;
  useEffect(() => {
    heading.set(name ?? null);
    return () => heading.set(null);
  }, [name]);
  if (!workspace) {
    return (
      <>
        <h1 className="vh">Workspace</h1>
        <section className="card">
          {query.problem ? <Trouble problem={query.problem} retry={query.reload} />
            : <Skeleton label="Loading the workspace" />}
        </section>
      </>);
  }
  return (
    <>
      <div className="page-head flat">
        <div className="grow"><h1 dir="auto">{workspace.name}</h1>
          <p className="t2 mt4">You are {nameOf(workspace.role).toLowerCase()} here
            {me && ` as ${me.email}`}.</p></div>
        <Link className="btn" href={`/runs?workspace=${encodeURIComponent(id)}`}>
          <Icon name="runs" size={14} />Its runs</Link>
        {mayInvite(workspace.role) && (
          <button type="button" className="btn" onClick={() => setRenaming(true)}>Rename</button>)}
      </div>
      <MemberList workspace={workspace} members={members} />
      {mayInvite(workspace.role) &&
        <Invitations workspace={workspace} members={members.data ?? []} />}
      <Ends workspace={workspace} />
      {isRenaming && <Rename workspace={workspace} onClose={() => setRenaming(false)} />}
    </>);
}
