import { Link } from "../frame/router";
import { Icon, Mark, type IconName } from "../parts/icons";
import { Tile } from "../parts/states";
import type { Pigment } from "../studios";
import { MiniRun } from "./Sign";

const all: Array<[IconName, Pigment, string, string, string, boolean]> = [
  ["write", "ultra", "Write", "Documents that agents refine in turn",
    "Two to four agents take turns on one document. Every round is scored against your criteria.",
    true],
  ["code", "viridian", "Code", "A request becomes checked commits",
    "Researched, planned, written, validated and committed file by file into a real repository.",
    false],
  ["campaign", "vermilion", "Campaign", "Variants, your verdict, a fair test",
    "Scripts and thumbnails wait for your approval, then run in a test that claims no more than " +
    "the evidence holds.", false],
  ["app", "violet", "App", "From a conversation to a running build",
    "Describe the app, settle the specification, and watch it being built in a sandbox.", false],
  ["prompts", "ochre", "Prompts", "A prompt package for a coding agent",
    "Three questions at most, then a spec and ordered prompts, audited by a different provider.",
    false],
];

const promises: Array<[IconName, string, string]> = [
  ["gate", "Nothing important happens without you", "A gate stops the run and asks. Approve, " +
    "choose, or send it back with a note; the agents take it from there."],
  ["retry", "Runs survive anything", "Each step is journaled. Close the lid, restart the server, " +
    "lose the network: the run goes on from the step it was at."],
  ["key", "Cost is never a surprise", "See an estimate before, a meter during and a ledger after. " +
    "Credits are held when a run starts and come back when it ends."],
];

const plans: Array<[string, string, string, string, string[]]> = [
  ["Free", "$0", "for good", "To look around and for the occasional document.",
    ["100 credits a month", "Every studio there is", "Offline provider, or the server’s models"]],
  ["Starter", "$15", "a month", "For a person who uses it every week.",
    ["1,000 credits a month", "More runs at once", "Templates of your own"]],
  ["Pro", "$30", "a month", "For those who work in it daily.",
    ["Unlimited credits", "Most runs at once", "Templates of your own"]],
];

export default function Landing() {
  return (
    <div className="landing">
      <a className="skip" href="#main">Skip to content</a>
      <header className="land-head"><div className="lw row">
        <Link className="row b land-brand" href="/"><Mark size={24} />Atelier</Link>
        <nav className="row g20 hide-s land-nav" aria-label="Site">
          <a className="t2" href="#studios">Studios</a><a className="t2" href="#how">How it works</a>
          <a className="t2" href="#plans">Plans</a><a className="t2" href="/openapi.json">API</a>
        </nav>
        <span className="right row">
          <Link className="btn ghost" href="/sign-in">Sign in</Link>
          <Link className="btn primary" href="/sign-up">Sign up</Link>
        </span>
      </div></header>
      <main id="main" tabIndex={-1}>
        <section className="land-hero"><div className="lw hero">
          <div>
            <h1 className="land-title">Agents at work.<br />You at the gates.</h1>
            <p className="t2 land-lead">Atelier is a studio for teams of AI agents that you host
              yourself. They write, test and revise together; you watch it live, decide where it
              matters, and keep every step, word and cent on record.</p>
            <div className="row wrap">
              <Link className="btn primary lg" href="/sign-up">Create an account</Link>
              <a className="btn lg" href="/openapi.json">Read the API</a>
            </div>
            <p className="hint mt12">No model key needed to try it: an offline provider is built in,
              and says so wherever its work is shown.</p>
          </div>
          <div role="img" aria-label="A Write run in progress: round 2 of 6, score 6.4 of 10">
            <MiniRun />
          </div>
        </div></section>
        <section id="studios" className="lw land-part">
          <h2 className="land-h2">Five studios, one engine</h2>
          <div className="studios">
            {all.map(([icon, pigment, name, promise, text, isThere]) => (
              <article className="card land-card" key={name}>
                <div className="row between">
                  <Tile icon={icon} pigment={pigment} size="lg" />
                  {!isThere && <span className="tag">In the making</span>}
                </div>
                <div className="eyebrow mt12">{name}</div>
                <h3 className="land-h3">{promise}</h3>
                <p className="t2">{text}</p>
              </article>))}
          </div>
        </section>
        <section id="how" className="land-how"><div className="lw grid c3">
          {promises.map(([icon, title, text]) => (
            <div key={title}>
              <Tile icon={icon} /><h3 className="mt12 land-h3">{title}</h3>
              <p className="t2 mt4">{text}</p>
            </div>))}
        </div></section>
        <section id="plans" className="lw land-part">
          <h2 className="land-h2">Plans</h2>
          <div className="grid c3">
            {plans.map(([name, price, per, text, points]) => (
              <div className={name === "Starter" ? "card land-plan mid" : "card land-plan"} key={name}>
                <h3 className="land-h3">{name}</h3>
                <div><span className="land-price">{price}</span> <span className="t3">{per}</span></div>
                <p className="t2">{text}</p>
                <ul className="col g6">
                  {points.map((point) => (
                    <li className="row" key={point}><Icon name="check" size={13} />{point}</li>))}
                </ul>
                <Link className={name === "Starter" ? "btn primary lg wide" : "btn lg wide"}
                  href="/sign-up">{name === "Free" ? "Start free" : `Begin with Free, then ${name}`}
                </Link>
              </div>))}
          </div>
        </section>
      </main>
      <footer className="land-foot"><div className="lw row between wrap t3 sm">
        <span className="row"><Mark />Atelier runs on your own machines. Your work stays there.</span>
        <span className="row g16">
          <a className="t3" href="/openapi.json">API</a><a className="t3" href="/ready">Status</a>
        </span>
      </div></footer>
    </div>);
}
