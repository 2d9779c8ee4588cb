import { useState } from "react";
import { ask, type Reply } from "../../../frame/api";
import { copy } from "../../../frame/copy";
import { Confirm } from "../../../frame/dialog";
import { useForm } from "../../../frame/form";
import { day } from "../../../frame/format";
import { complain, say } from "../../../frame/notices";
import { useQuery } from "../../../frame/query";
import { Icon } from "../../../parts/icons";
import { Banner, Field, Skeleton, Trouble } from "../../../parts/states";
import type { Workspace } from "../../../parts/workspaces";
import type { Member } from "./MemberList";
import { mayManage, nameOf, roles, whole } from "./roles";

type Made = Reply<"POST /workspaces/{id}/invitations">;
type Invitation = Reply<"GET /workspaces/{id}/invitations">["items"][number];

/** The link is told once; it is what lets somebody in. */
function Link({ made }: { made: Made }) {
  const url = made.url?.startsWith("/") ? location.origin + made.url : made.url ?? "";
  return (
    <Banner kind="ok" icon="check" isBox role="status" end={
      <button type="button" className="btn sm" onClick={() => void copy(url)}>
        <Icon name="copy" size={13} />Copy</button>}>
      <b>{made.email} is invited.</b>{" "}
      {made.email_sent ? "An email with the link is on its way. You can send it yourself as well; "
        : "No email was sent: give them this link yourself. "}
      {made.email_sent ? "this" : "This"} is the only time we show
      it: <code className="secret">{url}</code>
    </Banner>);
}

function Invite(props: { workspace: Workspace; onMade: (made: Made) => void }) {
  const { workspace, onMade } = props;
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("member");
  const form = useForm(async () => {
    onMade(await ask("POST /workspaces/{id}/invitations", {
      path: { id: workspace.id }, body: { email: email.trim(), role } }));
    setEmail("");
  });
  return (
    <form className="card-body invite" onSubmit={form.submit} noValidate>
      <Field id="invite-email" label="Email" error={form.errorOf("email") ?? form.other}>
        <input className="input" id="invite-email" type="email" value={email} autoComplete="off"
          aria-invalid={!!(form.errorOf("email") ?? form.other)} placeholder="juno@studio.example"
          aria-describedby="invite-email-error" onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field id="invite-role" label="Role" error={form.errorOf("role")}>
        <select className="select" id="invite-role" value={role}
          aria-describedby="invite-role-error" onChange={(event) => setRole(event.target.value)}>
          {roles.filter(([id]) => mayManage(workspace.role, id)).map(([id, name]) =>
            <option key={id} value={id}>{name}</option>)}
        </select>
      </Field>
      <button type="submit" className={`btn primary${form.isBusy ? " busy" : ""}`}
        disabled={form.isBusy || !email.trim()}>Invite</button>
    </form>);
}

/** Who is invited and has not come yet. */
export function Invitations(props: { workspace: Workspace; members: Member[] }) {
  const { workspace, members } = props;
  const list = useQuery(`workspace/${workspace.id}/invitations`, () => whole((cursor) =>
    ask("GET /workspaces/{id}/invitations", {
      path: { id: workspace.id }, query: { limit: 100, cursor } })));
  const [made, setMade] = useState<Made | null>(null);
  const [ending, setEnding] = useState<Invitation | null>(null);
  const withdraw = async (one: Invitation) => {
    try {
      await ask("DELETE /workspaces/{id}/invitations/{invitation}", {
        path: { id: workspace.id, invitation: one.id } });
      say(`The invitation of ${one.email} is withdrawn`);
      if (made?.id === one.id) setMade(null);
    } catch (error) {
      complain("The invitation still counts", error);
    }
    await list.reload();
    document.getElementById("invitations-title")?.focus();
  };
  const by = (id: string) => members.find((one) => one.user_id === id)?.name;
  return (
    <section className="col g12" aria-labelledby="invitations-title">
      <h2 className="set-h2 flat" id="invitations-title" tabIndex={-1}>Invitations</h2>
      {made && <Link made={made} />}
      <div className="card">
        <Invite workspace={workspace} onMade={(one) => { setMade(one); void list.reload(); }} />
        {list.loading && <Skeleton label="Loading invitations" rows={1} />}
        {list.problem && !list.data && <Trouble problem={list.problem} retry={list.reload} />}
        {list.data && list.data.length > 0 && (
          <ul aria-label="Open invitations">
            {list.data.map((one) => (
              <li className="srow" key={one.id}>
                <span className="row g12"><span className="t3"><Icon name="mail" /></span>
                  <span className="grow"><span className="md block clip">{one.email}</span>
                    <span className="t3 sm block">{nameOf(one.role)} · until{" "}
                      <time dateTime={one.expires_at}>{day(one.expires_at)}</time>
                      {by(one.invited_by) && ` · by ${by(one.invited_by)}`}</span></span></span>
                {mayManage(workspace.role, one.role) && (
                  <button type="button" className="btn sm danger ghost"
                    aria-label={`Withdraw the invitation of ${one.email}`}
                    onClick={() => setEnding(one)}>Withdraw</button>)}
              </li>))}
          </ul>)}
      </div>
      {ending && (
        <Confirm isDanger stay="Keep it" act="Withdraw"
          title={`Withdraw the invitation of ${ending.email}?`}
          text={`Its link lets nobody into “${workspace.name}” any more. You can invite them again.`}
          onClose={() => setEnding(null)} onAct={() => void withdraw(ending)} />)}
    </section>);
}
