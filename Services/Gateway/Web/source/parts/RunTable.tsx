import { ago, between, credits } from "../frame/format";
import { Link } from "../frame/router";
import { studioOf, type Run } from "../studios";
import { Status, Tile } from "./states";

export function RunTable({ runs }: { runs: Run[] }) {
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label="Runs">
      <table className="table">
        <thead><tr>
          <th>Run</th><th>State</th><th className="hide-s">Result</th>
          <th className="num hide-s">Took</th><th className="num">Credits</th>
          <th className="hide-s">When</th>
        </tr></thead>
        <tbody>
          {runs.map((run) => {
            const studio = studioOf(run.studio);
            return (
              <tr key={run.id}>
                <td className="name-cell"><span className="row">
                  <Tile icon={studio?.icon ?? "runs"} pigment={studio?.pigment} size="xs" />
                  <Link className="clip md plain" data-row="" href={`/runs/${run.id}`}
                    dir="auto">{run.title}</Link>
                </span></td>
                <td><Status state={run.state} /></td>
                <td className="t2 hide-s nowrap">{studio?.result(run) ?? ""}</td>
                <td className="num t2 hide-s nowrap">
                  {run.started_at ? between(run.started_at, run.ended_at) : "–"}</td>
                <td className="num">{credits(run.cost)}</td>
                <td className="t3 hide-s nowrap">
                  <time dateTime={run.created_at}>{ago(run.created_at)}</time></td>
              </tr>);
          })}
        </tbody>
      </table>
    </div>);
}
