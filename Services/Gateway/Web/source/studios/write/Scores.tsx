import { CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement } from "chart.js";
import { useEffect, useRef, useState } from "react";
import { score } from "../../frame/format";
import { theme } from "../../frame/settings";
import { useStore } from "../../frame/store";
import type { Session } from "./live";
import type { Story } from "./story";

Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement);

/** Criteria take pigments in order, as agents do; the line's end says its name in the table. */
const pigments = ["ultra", "viridian", "violet", "ochre", "vermilion", "slate"];

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

interface Line {
  name: string;
  pigment: string;
  values: Array<number | null>;
}

function linesOf(session: Session, story: Story): Line[] {
  const names = session.criteria.map((one) => one.name);
  for (const round of story.rounds) {
    for (const name of Object.keys(round.criteria)) if (!names.includes(name)) names.push(name);
  }
  return names.map((name, at) => ({
    name, pigment: pigments[at % pigments.length],
    values: story.rounds.map((round) => round.criteria[name] ?? null),
  }));
}

function draw(canvas: HTMLCanvasElement, session: Session, story: Story): Chart {
  const text = colour("--text");
  const faint = colour("--text-3");
  const rounds = Math.max(story.rounds.length, Math.min(session.max_rounds, 4));
  const scores = story.rounds.map((round) => (round.isOver ? round.score ?? null : null));
  const stop = session.score_threshold;
  const all = [...scores, ...linesOf(session, story).flatMap((one) => one.values)]
    .filter((value): value is number => value !== null);
  const line = { borderJoinStyle: "round" as const, spanGaps: true };
  return new Chart(canvas, {
    type: "line",
    data: {
      labels: Array.from({ length: rounds }, (_, at) => String(at + 1)),
      datasets: [
        { data: scores, borderColor: text, borderWidth: 2, pointRadius: 3.5, pointBorderWidth: 1.8,
          pointBackgroundColor: colour("--surface"), pointBorderColor: text, order: 0, ...line },
        ...linesOf(session, story).map((one) => ({
          data: one.values, borderColor: colour(`--p-${one.pigment}`), borderWidth: 1.2,
          pointRadius: 0, order: 1, ...line })),
        ...(stop ? [{
          data: Array.from({ length: rounds }, () => stop), borderColor: colour("--ok"),
          borderWidth: 1, borderDash: [3, 3], pointRadius: 0, order: 2 }] : []),
      ],
    },
    options: {
      animation: false, maintainAspectRatio: false, events: [],
      layout: { padding: { top: 4, right: 6 } },
      scales: {
        x: { grid: { display: false, drawBorder: false },
          ticks: { color: faint, font: { size: 10 }, callback: (at) => `R${Number(at) + 1}` } },
        y: { min: Math.max(0, Math.floor((Math.min(...all, stop ?? 10) - 0.5) / 2) * 2), max: 10,
          grid: { color: colour("--line"), drawBorder: false },
          ticks: { color: faint, font: { size: 10 }, stepSize: 2 } },
      },
    },
  });
}

/** How good each round was found: a picture of it, and the figures. */
export default function Scores({ session, story }: { session: Session; story: Story }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chosen = useStore(theme);
  const [isTable, setTable] = useState(false);
  const over = story.rounds.filter((round) => round.isOver);
  const mark = over.map((round) => `${round.number}:${round.score}`).join();
  useEffect(() => {
    if (!canvas.current) return undefined;
    const chart = draw(canvas.current, session, story);
    return () => chart.destroy();
  }, [mark, chosen, isTable, session.score_threshold]);
  const lines = linesOf(session, story);
  const newest = over[over.length - 1];
  const label = `Score per round: ${over.map((round) => score(round.score)).join(", ")}` +
    (session.score_threshold ? `; the run stops at ${score(session.score_threshold)}` : "");
  return (
    <div className="agent">
      <div className="row between">
        <h3>Score</h3>
        <span className="num b">{score(newest?.score)} <span className="t3">/ 10</span></span>
        <button type="button" className="btn ghost sm" aria-pressed={isTable}
          onClick={() => setTable(!isTable)}>{isTable ? "Chart" : "Table"}</button>
      </div>
      {!isTable && (
        <>
          <div className="chart mt8"><canvas ref={canvas} role="img" aria-label={label} /></div>
          <div className="row wrap g12 xs t2 mt4">
            {lines.map((one) => (
              <span className="row g4" key={one.name}>
                <span className={`dash ${one.pigment}`} aria-hidden="true" />{one.name}{" "}
                <b className="num">{score(newest?.criteria[one.name])}</b>
              </span>))}
            {session.score_threshold != null && (
              <span className="row g4"><span className="dash stop" aria-hidden="true" />
                stops at <b className="num">{score(session.score_threshold)}</b></span>)}
          </div>
        </>)}
      {isTable && (
        <div className="scroll-x mt8" tabIndex={0} role="group" aria-label="Scores">
          <table className="table tight">
            <thead><tr><th>Round</th><th className="num">Score</th>
              {lines.map((one) => <th className="num" key={one.name}>{one.name}</th>)}</tr></thead>
            <tbody>
              {over.map((round) => (
                <tr key={round.number}><td>{round.number}</td>
                  <td className="num b">{score(round.score)}</td>
                  {lines.map((one) => (
                    <td className="num" key={one.name}>{score(round.criteria[one.name])}</td>))}
                </tr>))}
            </tbody>
          </table>
        </div>)}
    </div>);
}
