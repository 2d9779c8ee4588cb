import { useState, type FormEvent } from "react";
import { ask } from "../frame/api";
import { announce } from "../frame/notices";
import { asProblem, full, type Problem } from "../frame/problem";
import { useQuery } from "../frame/query";
import { Link, ownPlace, usePlace } from "../frame/router";
import { expired, signIn, signUp } from "../frame/session";
import { useStore } from "../frame/store";
import { Mark } from "../parts/icons";
import { Banner, Bar, Field } from "../parts/states";
import { signInError } from "./signInErrors";

const shortest = 10;

/** Length says most; the server only asks for ten characters. */
function strength(password: string): [number, string] {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  const isRepeated = new Set(password).size < 5;
  const points = isRepeated ? 0 : Math.min(password.length / 20, 1) * 0.8 + kinds.length * 0.05;
  if (password.length < shortest) return [points * 0.5, "too short"];
  return [points, points < 0.55 ? "fair" : points < 0.8 ? "good" : "strong"];
}

export function Sign({ isNew }: { isNew: boolean }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const hasExpired = useStore(expired);
  const { query } = usePlace();
  const [isTried, setTried] = useState(false);
  const elsewhere = isNew || isTried ? null : signInError(new URLSearchParams(query).get("error"));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTried(true);
    setProblem(null);
    try {
      await (isNew ? signUp(name.trim(), email, password) : signIn(email, password));
    } catch (error) {
      const found = asProblem(error);
      setProblem(found);
      setBusy(false);
      announce(found.sentence);
    }
  };
  const errorOf = (field: string) => {
    const what = problem?.fields[`/${field}`];
    return what ? full(`This ${what}`) : undefined;
  };
  const isWrong = problem !== null && Object.keys(problem.fields).length === 0;
  const [power, word] = strength(password);
  return (
    <div className="auth">
      <a className="skip" href="#main">Skip to content</a>
      <main id="main" tabIndex={-1} className="auth-main">
        <Link className="row b auth-brand" href="/"><Mark size={24} />Atelier</Link>
        <section className="auth-form" aria-labelledby="title">
          <h1 id="title">{isNew ? "Create an account" : "Sign in"}</h1>
          <p className="t2 mt4 auth-lead">
            {isNew ? "100 credits a month, free. No card." : "Good to see you again."}
          </p>
          {hasExpired && !isNew && (
            <Banner kind="wait" isBox role="status">
              <b>Your session has ended.</b> Sign in to go on where you were.
            </Banner>)}
          {new URLSearchParams(query).get("next")?.startsWith("/invitations/") && (
            <Banner icon="people" isBox>
              <b>You are invited to a workspace.</b> Use the address that the invitation was sent to.
            </Banner>)}
          {elsewhere && (
            <Banner kind="bad" icon="warning" isBox role="alert">
              <b>{elsewhere[0]}</b> {elsewhere[1]}
            </Banner>)}
          <form className="col g12 mt12" onSubmit={submit} noValidate>
            {isNew && (
              <Field id="name" label="Your name" error={errorOf("name")}>
                <input className="input tall" id="name" autoComplete="name" value={name} required
                  aria-invalid={!!errorOf("name")} aria-describedby="name-error"
                  onChange={(event) => setName(event.target.value)} />
              </Field>)}
            <Field id="email" label="Email" error={errorOf("email")}>
              <input className="input tall" id="email" type="email" value={email} required
                autoComplete={isNew ? "email" : "username"} placeholder="you@studio.example"
                aria-invalid={!!errorOf("email")} aria-describedby="email-error"
                onChange={(event) => setEmail(event.target.value)} />
            </Field>
            <Field id="password" label="Password"
              error={errorOf("password") ?? (isWrong ? problem.sentence : undefined)}
              hint={isNew ? `${shortest} characters or more. A short sentence works well.` : null}>
              <input className="input tall" id="password" type="password" value={password} required
                autoComplete={isNew ? "new-password" : "current-password"}
                aria-invalid={isWrong || !!errorOf("password")}
                aria-describedby="password-error password-hint"
                onChange={(event) => setPassword(event.target.value)} />
            </Field>
            {isNew && password && (
              <Bar part={Math.max(power, 0.05)} label={`Password strength: ${word}`}
                kind={word === "too short" ? "w" : "o"} />)}
            <button type="submit" className={`btn primary lg wide${isBusy ? " busy" : ""}`}
              disabled={isBusy}>
              {isNew ? "Create account" : "Sign in"}
            </button>
          </form>
          <Elsewhere next={new URLSearchParams(query).get("next")} />
          <p className="t2 mt16">
            {isNew ? "You have an account? " : "New here? "}
            <Link href={(isNew ? "/sign-in" : "/sign-up") + query}>
              {isNew ? "Sign in" : "Create an account"}
            </Link>
          </p>
        </section>
        <p className="hint">Served by your own gateway. Your session is a cookie that no script can
          read.</p>
      </main>
      <aside className="auth-side" aria-hidden="true"><MiniRun /></aside>
    </div>);
}

/** Where else somebody can sign in; nothing where nothing is set up, or nobody can say. */
function Elsewhere({ next }: { next: string | null }) {
  const providers = useQuery("providers", () => ask("GET /auth/providers")).data?.items ?? [];
  if (providers.length === 0) return null;
  const back = encodeURIComponent(ownPlace(next));
  return (
    <div className="col mt16" role="group" aria-label="Sign in elsewhere">
      <p className="t3 sm">or</p>
      {providers.map((one) => (
        // An ordinary link: the browser itself goes there and comes back.
        <a key={one.id} className="btn lg wide" href={`${one.url}&return_to=${back}`}>
          Continue with {one.name}</a>))}
    </div>);
}

/** A run as it looks, drawn: for people who have none yet. */
export function MiniRun() {
  return (
    <div className="card mini">
      <div className="run-head">
        <span className="st live"><i />Running</span><b>Salt-marsh restoration: a review</b>
        <span className="run-meta right hide-s">
          <span>Round <b>2</b> of 6</span><span>Score <b>6.4</b></span><b>$0.19</b>
        </span>
      </div>
      <div className="mini-grid">
        <div className="mini-steps hide-s">
          {miniSteps.map(([letter, pigment, name, time, what], at) => (
            <div key={at} className={`tl-step${at === miniSteps.length - 1 ? " last todo" : ""}`}>
              <span className="dot"><span className={`who ${pigment}`}>{letter}</span></span>
              <span className="md">{name}</span><span className="d">{time}</span>
              <span className="s">{what}</span>
            </div>))}
        </div>
        <div className="mini-text">
          <p className="by ultra">Restored marsh attenuates waves as well as natural marsh once the
            canopy closes, usually within <ins>four to seven</ins> growing seasons. The first two
            winters are the exposed ones.</p>
          <p className="by ochre mt12">The claim on cost needs its range: published figures differ by
            a factor of six, mostly because <ins>land purchase is counted in some and left out of
            others</ins><span className="caret ochre" /></p>
        </div>
      </div>
    </div>);
}

const miniSteps = [
  ["R", "ultra", "Research Writer", "1m 12s", "First draft, 1,140 words"],
  ["C", "ochre", "Critical Editor", "48s", "Scored 6.4, 11 notes"],
  ["R", "ultra", "Research Writer", "1m 31s", "Took 9 of 11 notes"],
  ["C", "ochre", "Critical Editor", "now", "Writing"],
  ["Y", "slate", "You", "", "Gate: approve final text"],
];
