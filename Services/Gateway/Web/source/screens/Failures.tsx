import { useEffect } from "react";
import { asProblem, type Problem } from "../frame/problem";
import { Link } from "../frame/router";
import { Icon } from "../parts/icons";
import { Empty, Tile } from "../parts/states";

export function Missing() {
  return (
    <div className="wrap narrow state-page">
      <h1 className="vh">Not found</h1>
      <section className="card">
        <Empty icon="search" title="There is nothing at this address"
          text="It may have been deleted, or belong to somebody else, or the address has a slip.">
          <Link className="btn primary" href="/">Go home</Link>
          <Link className="sm" href="/runs">See all runs</Link>
        </Empty>
      </section>
    </div>);
}

/** A mistake of the page itself. */
export function Broken({ error }: { error: unknown }) {
  return (
    <div className="wrap narrow state-page" role="alert">
      <section className="card">
        <div className="card-head"><h1 className="h2">This screen failed</h1></div>
        <div className="card-body col">
          <p className="t2">That is a mistake of ours. Your runs and documents are not touched.</p>
          <pre className="term">{asProblem(error).detail}</pre>
          <div className="row mt4">
            <button type="button" className="btn sm primary" onClick={() => location.reload()}>
              <Icon name="retry" size={14} />Load it again
            </button>
            <a className="btn sm" href="/">Go home</a>
          </div>
        </div>
      </section>
    </div>);
}

export function NoServer({ problem, retry }: { problem: Problem; retry: () => Promise<void> }) {
  useEffect(() => {
    const timer = setInterval(() => void retry(), 3_000);
    return () => clearInterval(timer);
  }, [retry]);
  return (
    <main id="main" tabIndex={-1} className="alone" role="alert">
      <Tile icon="warning" size="lg" />
      <h1>The server does not answer</h1>
      <p className="t2">{problem.sentence} Runs go on without you. We try again every 3 s.</p>
      <button type="button" className="btn" onClick={() => void retry()}>Try now</button>
    </main>);
}
