import type { RunEvent } from "../../frame/stream";
import type { Pigment } from "..";

/** One turn of an agent, as far as its events tell. */
export interface Turn {
  step: string;
  round: number;
  agent: string;
  role: string;
  provider: string;
  model: string;
  offline: boolean;
  state: "running" | "done" | "stopped";
  startedAt: string;
  endedAt?: string;
  words?: number;
  score?: number | null;
  cost: number;
  inputTokens: number;
  outputTokens: number;
  estimated: boolean;
  suggestions: number;
  keptOut: number;
}

export interface Round {
  number: number;
  turns: Turn[];
  score?: number | null;
  criteria: Record<string, number>;
  isOver: boolean;
}

export interface Asked {
  name: string;
  prompt: string;
  afterRound: number;
  state: "open" | "decided";
}

/** A run as its events tell it. */
export interface Story {
  rounds: Round[];
  gates: Asked[];
  /** Nothing before the first event of a state. */
  state: string | null;
  reason: string | null;
  bestRound: number | null;
  /** The turn that is being written. */
  now: Turn | null;
  artifact: string | null;
  notes: string[];
  /** Counts the events that change the document. */
  changes: number;
}

export const beginning: Story = {
  rounds: [], gates: [], state: null, reason: null, bestRound: null, now: null, artifact: null,
  notes: [], changes: 0,
};

const pigments: Pigment[] = ["ultra", "ochre", "violet", "viridian"];

/** Agents take pigments in order of turn, and keep them. */
export function pigmentOf(agents: Array<{ name: string }>, name: string): Pigment {
  const at = agents.findIndex((agent) => agent.name === name);
  return at < 0 ? "slate" : pigments[at % pigments.length];
}

interface Recorded {
  rounds: Array<{ number: number; turns: Array<{ agent: string; text: string }> }>;
}

/** A turn's whole answer as the session has it; undefined until it does. */
export function answerOf(session: Recorded, story: Story, turn: Turn): string | undefined {
  const isSame = (one: { agent: string }) => one.agent === turn.agent;
  const told = story.rounds.find((round) => round.number === turn.round)?.turns.filter(isSame) ?? [];
  const kept = session.rounds.find((round) => round.number === turn.round)?.turns.filter(isSame);
  // An agent may have two turns in a round: the session has them in the same order.
  return kept?.[told.findIndex((one) => one.step === turn.step)]?.text;
}

/** True when something has happened since: what a turn changed is known by then. */
export function isPast(story: Story, turn: Turn): boolean {
  const round = story.rounds.find((one) => one.number === turn.round);
  const last = story.rounds[story.rounds.length - 1]?.turns;
  return !!round?.isOver || last?.[last.length - 1]?.step !== turn.step;
}

function changeRound(story: Story, number: number, change: (round: Round) => Round): Round[] {
  const known = story.rounds.some((round) => round.number === number);
  const rounds = known ? story.rounds
    : [...story.rounds, { number, turns: [], criteria: {}, isOver: false }];
  return rounds.map((round) => (round.number === number ? change(round) : round));
}

function changeTurn(story: Story, data: any, step: string, change: (turn: Turn) => Turn): Round[] {
  return changeRound(story, data.round, (round) => ({
    ...round,
    turns: round.turns.map((turn) => (turn.step === step ? change(turn) : turn)),
  }));
}

/** The story with one more event. */
export function tell(story: Story, event: RunEvent): Story {
  const { data } = event;
  switch (event.type) {
    case "round.started": return { ...story, rounds: changeRound(story, data.round, (one) => one) };
    case "turn.started": return turnStarted(story, event);
    case "turn.completed": return turnCompleted(story, event);
    case "document.changed": return documentChanged(story, data);
    case "round.completed":
      return {
        ...story, bestRound: data.best_round ?? story.bestRound,
        rounds: changeRound(story, data.round, (round) => ({
          ...round, score: data.score, criteria: data.criteria ?? {}, isOver: true })),
      };
    case "person.heard":
    case "document.settled": return { ...story, changes: story.changes + 1 };
    case "references.cut":
      return { ...story, notes: [...story.notes, `${data.agent} could not read all references: ` +
        data.references.map((one: any) => one.name).join(", ")] };
    case "gate.opened":
      return { ...story, state: "waiting", gates: [...story.gates, {
        name: data.name, prompt: data.question?.prompt ?? "A decision is needed", state: "open",
        afterRound: story.rounds.length }] };
    case "gate.decided":
      return { ...story, state: "running", gates: story.gates.map((gate) =>
        (gate.name === data.name || gate.state === "open" ? { ...gate, state: "decided" } : gate)) };
    case "document.stored":
      return { ...story, artifact: data.artifact_id, reason: data.stop_text ?? null,
        changes: story.changes + 1 };
    default: return event.type.startsWith("run.") ? runChanged(story, event) : story;
  }
}

function turnStarted(story: Story, event: RunEvent): Story {
  const { data } = event;
  const turn: Turn = {
    step: data.step, round: data.round, agent: data.agent, role: data.role,
    provider: data.provider, model: data.model, offline: !!data.offline, state: "running",
    startedAt: event.at, cost: 0, inputTokens: 0, outputTokens: 0, estimated: false,
    suggestions: 0, keptOut: 0,
  };
  const rounds = changeRound(story, data.round, (round) => ({
    ...round, turns: [...round.turns.filter((one) => one.step !== turn.step), turn] }));
  return { ...story, rounds, now: turn };
}

function turnCompleted(story: Story, event: RunEvent): Story {
  const { data } = event;
  const rounds = changeTurn(story, data, data.step, (turn) => ({
    ...turn, state: "done", endedAt: event.at, words: data.words, score: data.score,
    cost: data.cost ?? 0, inputTokens: data.input_tokens ?? 0,
    outputTokens: data.output_tokens ?? 0, estimated: !!data.estimated,
    provider: data.provider, model: data.model, offline: !!data.offline,
  }));
  const isNow = story.now?.step === data.step;
  return { ...story, rounds, now: isNow ? running(rounds) : story.now, changes: story.changes + 1 };
}

/** Reviewers may work side by side: when one has ended, another still writes. */
function running(rounds: Round[]): Turn | null {
  return rounds.flatMap((round) => round.turns).find((turn) => turn.state === "running") ?? null;
}

function documentChanged(story: Story, data: any): Story {
  const keptOut = Object.values(data.kept_out ?? {})
    .reduce((sum: number, numbers: any) => sum + numbers.length, 0);
  const rounds = changeRound(story, data.round, (round) => ({
    ...round,
    turns: round.turns.map((turn) => (turn.agent === data.agent && turn.role === "writer"
      ? { ...turn, suggestions: data.suggestions?.length ?? 0, keptOut } : turn)),
  }));
  return { ...story, rounds, changes: story.changes + 1 };
}

const ends = ["run.completed", "run.failed", "run.cancelled"];

function runChanged(story: Story, event: RunEvent): Story {
  const state = event.type === "run.resumed" ? "running"
    : event.data?.state ?? event.type.slice(4).replace("attention", "needs_attention");
  const reason = event.data?.reason ?? story.reason;
  if (!ends.includes(event.type)) return { ...story, state, reason };
  const rounds = story.rounds.map((round) => ({
    ...round,
    turns: round.turns.map((turn) =>
      (turn.state === "running" ? { ...turn, state: "stopped" as const } : turn)),
  }));
  return { ...story, state, reason, rounds, now: null, changes: story.changes + 1 };
}
