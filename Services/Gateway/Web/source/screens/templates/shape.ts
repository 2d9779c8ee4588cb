import type { CriterionPlan } from "../../studios/write/plan";

export interface TemplateAgent {
  name: string;
  role: string;
  provider?: string;
  model?: string;
  instructions?: string;
  temperature?: number;
}

/** A workflow as a template's document has it. */
export interface TemplateFile {
  format: string;
  version: number;
  studio: string;
  name: string;
  summary: string;
  agents: TemplateAgent[];
  criteria: CriterionPlan[];
  steps: Step[];
}

export interface Gate { name: string; prompt: string; on_reject?: string; hours?: number }
export interface Loop {
  max: number;
  until?: { score?: number; plateau?: { rounds: number; within?: number } };
  steps: Step[];
}
export type Step =
  | { turn: string }
  | { parallel: string[]; merge?: string }
  | { gate: Gate }
  | { loop: Loop };

export const blank: TemplateFile = {
  format: "atelier.template", version: 1, studio: "write", name: "", summary: "",
  agents: [
    { name: "Writer", role: "writer", instructions: "", temperature: 0.4 },
    { name: "Critic", role: "critic", instructions: "", temperature: 0.2 },
  ],
  criteria: [{ name: "clarity", weight: 1 }],
  steps: [
    { loop: { max: 4, until: { score: 8.5 }, steps: [{ turn: "Writer" }, { turn: "Critic" }] } },
    { gate: { name: "final", prompt: "Is the text ready?", on_reject: "revise" } },
  ],
};

// MARK: Places, as JSON pointers

/** A step and where it stands: its JSON pointer, and its number as people read it. */
export interface Placed {
  pointer: string;
  number: string;
  depth: number;
  step: Step;
}

export function placed(steps: Step[], list = "/steps", prefix = ""): Placed[] {
  return steps.flatMap((step, at): Placed[] => {
    const own = { pointer: `${list}/${at}`, number: `${prefix}${at + 1}`, step,
      depth: prefix === "" ? 0 : 1 };
    return "loop" in step
      ? [own, ...placed(step.loop.steps, `${own.pointer}/loop/steps`, `${own.number}.`)] : [own];
  });
}

/** The list that a pointer stands in, and its place there. */
export function home(pointer: string): { list: string; at: number } {
  const cut = pointer.lastIndexOf("/");
  return { list: pointer.slice(0, cut), at: Number(pointer.slice(cut + 1)) };
}

/** The steps with one of their lists changed. */
export function withList(steps: Step[], list: string, change: (list: Step[]) => Step[]): Step[] {
  if (list === "/steps") return change(steps);
  const [, , outer] = list.split("/");
  return steps.map((step, at) => (at === Number(outer) && "loop" in step
    ? { loop: { ...step.loop, steps: change(step.loop.steps) } } : step));
}

export function withStep(steps: Step[], pointer: string, step: Step): Step[] {
  const { list, at } = home(pointer);
  return withList(steps, list, (all) => all.map((one, place) => (place === at ? step : one)));
}

/** Behind the chosen step; into a chosen loop, but for another loop. */
export function inserted(
  steps: Step[], chosen: string, step: Step,
): { steps: Step[]; pointer: string } {
  const near = placed(steps).find((one) => chosen === one.pointer ||
    chosen.startsWith(`${one.pointer}/parallel`));
  let place = near ? home(near.pointer) : { list: "/steps", at: steps.length - 1 };
  if (near && "loop" in near.step && !("loop" in step)) {
    place = { list: `${near.pointer}/loop/steps`, at: near.step.loop.steps.length - 1 };
  } else if (near && near.depth > 0 && "loop" in step) {
    place = home(place.list.replace("/loop/steps", ""));
  }
  return {
    pointer: `${place.list}/${place.at + 1}`,
    steps: withList(steps, place.list, (all) =>
      [...all.slice(0, place.at + 1), step, ...all.slice(place.at + 1)]),
  };
}

/** The steps with an agent's new name. */
export function renamed(steps: Step[], from: string, to: string): Step[] {
  return steps.map((step): Step => {
    if ("turn" in step) return step.turn === from ? { turn: to } : step;
    if ("parallel" in step) {
      return { ...step, parallel: step.parallel.map((name) => (name === from ? to : name)) };
    }
    if ("loop" in step) {
      return { loop: { ...step.loop, steps: renamed(step.loop.steps, from, to) } };
    }
    return step;
  });
}

/** A step in a few words, for outlines and for those who hear it. */
export function nameOf(step: Step): string {
  if ("turn" in step) return step.turn || "Nobody";
  if ("parallel" in step) return `Critics at once (${step.parallel.length})`;
  if ("gate" in step) return `Gate: ${step.gate.prompt || step.gate.name}`;
  return `Loop, up to ${step.loop.max}`;
}

export function endOf(loop: Loop): string {
  const ends = [loop.max === 1 ? "one round" : `up to ${loop.max} rounds`];
  if (loop.until?.score !== undefined) ends.push(`score ${loop.until.score}`);
  if (loop.until?.plateau) ends.push("no longer better");
  return ends.join(", or ");
}

// MARK: What is wrong

export interface Fault {
  pointer: string;
  detail: string;
}

/** What is said of exactly this field. */
export function faultAt(faults: Fault[], pointer: string): string | undefined {
  return faults.find((one) => one.pointer === pointer)?.detail;
}

/** How much is wrong with a step itself, and not with those in it. */
export function faultsOf(faults: Fault[], pointer: string): number {
  return faults.filter((one) => (one.pointer === pointer ||
    one.pointer.startsWith(`${pointer}/`)) && !one.pointer.startsWith(`${pointer}/loop/steps/`)).length;
}

/** What is chosen when a fault is: its step, or the agent's first one, or the template itself. */
export function chosenBy(file: TemplateFile, pointer: string): string {
  const all = placed(file.steps);
  const agent = /^\/agents\/(\d+)/.exec(pointer);
  if (agent) return `/agents/${agent[1]}`;
  const own = all.filter((one) => pointer === one.pointer || pointer.startsWith(`${one.pointer}/`));
  return own[own.length - 1]?.pointer ?? "";
}
