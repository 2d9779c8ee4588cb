import { useState } from "react";
import { ask, type Reply } from "../../../frame/api";
import { Confirm } from "../../../frame/dialog";
import { ago } from "../../../frame/format";
import { announce, complain, say } from "../../../frame/notices";
import { asProblem } from "../../../frame/problem";
import { refresh, type Query } from "../../../frame/query";
import { person } from "../../../frame/session";
import { useStore } from "../../../frame/store";
import { Icon } from "../../../parts/icons";
import { Skeleton, Trouble, Who } from "../../../parts/states";
import type { Workspace } from "../../../parts/workspaces";
import { mayManage, nameOf, roles } from "./roles";

export type Member = Reply<"GET /workspaces/{id}/members">["items"][number];

export type Members = Query<Member[]> & { reload: () => Promise<void> };

const called = (member: Member): string => member.name || member.email;

interface RowProps {
  workspace: Workspace;
  member: Member;
  isMe: boolean;
  reload: () => Promise<void>;
  remove: () => void;
}

/** A role changes on the server's word; what it refuses is told in the row. */
function Row({ workspace, member, isMe, reload, remove }: RowProps) {
  const [asking, setAsking] = useState<string | null>(null);
  const [busyWith, setBusyWith] = useState<string | null>(null);
  const [error, setError] = useState("");
  const name = called(member);
  const isMine = mayManage(workspace.role, member.role);
  const change = async (role: string) => {
    setError("");
    setBusyWith(role);
    try {
      await ask("PATCH /workspaces/{id}/members/{user}", {
        path: { id: workspace.id, user: member.user_id }, body: { role } });
      announce(`${name} is ${nameOf(role)} now.`);
      // One's own role says what else can be done here.
      if (isMe) refresh("workspace");
      await reload();
    } catch (problem) {
      setError(asProblem(problem).sentence);
    }
    setBusyWith(null);
  };
  const choose = (role: string) => {
    if (busyWith !== null) return;
    if (isMe || role === "owner") setAsking(role);
    else void change(role);
  };
  const field = `role-${member.user_id}`;
  return (
    <li className="srow member">
      <div className="row g12">
        <Who name={name} pigment="slate" isLarge />
        <span className="grow">
          <span className="md block clip" dir="auto">{name}{isMe && " (you)"}</span>
          <span className="t3 sm block clip">{member.email} · joined{" "}
            <time dateTime={member.since}>{ago(member.since)}</time></span>
        </span>
      </div>
      <div className="row g6 end">
        {isMine ? (
          <>
            <label className="vh" htmlFor={field}>Role of {name}</label>
            <select className="select auto" id={field} value={busyWith ?? member.role}
              aria-busy={busyWith !== null} aria-invalid={!!error} aria-describedby={`${field}-error`}
              onChange={(event) => choose(event.target.value)}>
              {roles.filter(([role]) => mayManage(workspace.role, role)).map(([role, word]) =>
                <option key={role} value={role}>{word}</option>)}
            </select>
          </>) : <span className="tag">{nameOf(member.role)}</span>}
        {isMine && !isMe && (
          <button type="button" className="btn sm danger ghost" aria-label={`Remove ${name}`}
            onClick={remove}>Remove</button>)}
      </div>
      {error && <span className="err" id={`${field}-error`} role="alert">
        <Icon name="warning" size={13} />{error}</span>}
      {asking && (
        <Confirm stay="Leave it so" act={`Make ${isMe ? "me" : "them"} ${nameOf(asking)}`}
          title={isMe ? `Become ${nameOf(asking)} of “${workspace.name}”?` : `Make ${name} an owner?`}
          text={isMe
            ? `You give up what ${nameOf(member.role).toLowerCase()}s may do; only an owner can give it back.`
            : `Owners of “${workspace.name}” do everything: they change every role, yours too, and can ` +
              "delete it."}
          onClose={() => setAsking(null)} onAct={() => void change(asking)} />)}
    </li>);
}

/** Who is in a workspace, and as what. */
export function MemberList(props: { workspace: Workspace; members: Members }) {
  const { workspace, members } = props;
  const me = useStore(person);
  const [removing, setRemoving] = useState<Member | null>(null);
  const remove = async (member: Member) => {
    try {
      await ask("DELETE /workspaces/{id}/members/{user}", {
        path: { id: workspace.id, user: member.user_id } });
      say(`${called(member)} is no longer in “${workspace.name}”`);
    } catch (error) {
      complain(`${called(member)} is still in “${workspace.name}”`, error);
    }
    await members.reload();
    document.getElementById("members-title")?.focus();
  };
  return (
    <section aria-labelledby="members-title">
      <h2 className="set-h2" id="members-title" tabIndex={-1}>Members</h2>
      <div className="card">
        {members.loading && <Skeleton label="Loading members" rows={2} />}
        {members.problem && !members.data &&
          <Trouble problem={members.problem} retry={members.reload} />}
        {members.data && (
          <ul>
            {members.data.map((member) => (
              <Row key={member.user_id} workspace={workspace} member={member}
                isMe={member.user_id === me?.id} reload={members.reload}
                remove={() => setRemoving(member)} />))}
          </ul>)}
      </div>
      <p className="hint mt8">
        {roles.map(([id, name, may]) => <span key={id}>{name}: {may}. </span>)}</p>
      {removing && (
        <Confirm isDanger stay="Keep them" act="Remove"
          title={`Remove ${called(removing)} from “${workspace.name}”?`}
          text={"They see its runs no more, from this moment on, also those that they began. The runs " +
            "stay, and go on. To come back they need a new invitation."}
          onClose={() => setRemoving(null)} onAct={() => void remove(removing)} />)}
    </section>);
}
