import { useState } from "react";
import { ask } from "../../frame/api";
import { Confirm } from "../../frame/dialog";
import { useForm } from "../../frame/form";
import { complain, say } from "../../frame/notices";
import { navigate } from "../../frame/router";
import { person, signOut } from "../../frame/session";
import { useStore } from "../../frame/store";
import { Icon } from "../../parts/icons";
import { Field } from "../../parts/states";
import { EndAccount } from "./EndAccount";
import { Identities } from "./Identities";
import { SignIns } from "./SignIns";

function Name() {
  const me = useStore(person);
  const [name, setName] = useState(me?.name ?? "");
  const form = useForm(async () => {
    person.set(await ask("PATCH /user/me", { body: { name: name.trim() } }));
    say("Your name is changed");
  });
  return (
    <form className="card" onSubmit={form.submit} noValidate>
      <div className="card-body col g12">
        <Field id="name" label="Name" error={form.errorOf("name") ?? form.other}>
          <input className="input" id="name" value={name} autoComplete="name" maxLength={200}
            aria-invalid={!!form.errorOf("name")} aria-describedby="name-error" dir="auto"
            onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field id="email" label="Email" hint="It is what you sign in with, and stays as it is.">
          <input className="input" id="email" value={me?.email ?? ""} readOnly
            aria-describedby="email-hint" />
        </Field>
      </div>
      <div className="card-foot"><button type="submit" className="btn primary right"
        disabled={form.isBusy || name.trim() === me?.name}>Save</button></div>
    </form>);
}

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const form = useForm(async () => {
    await ask("POST /user/me/password", { body: { current, new: next } });
    setCurrent("");
    setNext("");
    say("Your password is changed", "Every other browser is signed out. API keys go on.");
  });
  return (
    <form className="card" onSubmit={form.submit} noValidate>
      <div className="card-body col g12">
        <Field id="current" label="Present password" error={form.errorOf("current") ?? form.other}>
          <input className="input" id="current" type="password" autoComplete="current-password"
            value={current} aria-invalid={!!form.errorOf("current")}
            aria-describedby="current-error" onChange={(event) => setCurrent(event.target.value)} />
        </Field>
        <Field id="new" label="New password" error={form.errorOf("new")}
          hint="10 characters or more. A short sentence works well.">
          <input className="input" id="new" type="password" autoComplete="new-password" value={next}
            aria-invalid={!!form.errorOf("new")} aria-describedby="new-error new-hint"
            onChange={(event) => setNext(event.target.value)} />
        </Field>
      </div>
      <div className="card-foot"><button type="submit" className="btn right"
        disabled={form.isBusy || !current || !next}>Change password</button></div>
    </form>);
}

export function Account() {
  const [isAsking, setAsking] = useState(false);
  const leave = async (everywhere: boolean) => {
    try {
      await signOut(everywhere);
      navigate("/");
    } catch (error) {
      complain("You are still signed in", error);
    }
  };
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>Account</h1>
        <p className="t2 mt4">Who you are here.</p></div></div>
      <Name />
      <section aria-labelledby="password-title">
        <h2 className="set-h2" id="password-title">Password</h2><Password />
      </section>
      <Identities />
      <section aria-labelledby="sessions-title">
        <h2 className="set-h2" id="sessions-title" tabIndex={-1}>Sessions</h2>
        <div className="card">
          <div className="srow">
            <div><div className="md">This browser</div>
              <div className="t3 sm">Drafts that are kept here are removed.</div></div>
            <button type="button" className="btn sm" onClick={() => void leave(false)}>
              <Icon name="out" size={13} />Sign out</button>
          </div>
          <SignIns />
          <div className="srow">
            <div><div className="md">Every browser and token</div>
              <div className="t3 sm">If one may be in somebody else’s hands. API keys go on.</div></div>
            <button type="button" className="btn sm danger" onClick={() => setAsking(true)}>
              Sign out everywhere</button>
          </div>
        </div>
      </section>
      <EndAccount />
      {isAsking && (
        <Confirm title="Sign out everywhere?" isDanger stay="Stay" act="Sign out everywhere"
          text="Every browser and every token of your account ends at once, this one too."
          onClose={() => setAsking(false)} onAct={() => void leave(true)} />)}
    </>);
}
