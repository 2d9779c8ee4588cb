import type { AgentPlan, CriterionPlan } from "../../studios/write/plan";

/** A workflow as a template's document has it. */
export interface TemplateFile {
  format: string;
  version: number;
  studio: string;
  name: string;
  summary: string;
  agents: Array<Record<string, unknown> & { name: string; role: string }>;
  criteria: CriterionPlan[];
  steps: Step[];
}

export type Step =
  | { turn: string }
  | { parallel: string[]; merge?: string }
  | { gate: { name: string; prompt: string; on_reject?: string; hours?: number } }
  | { loop: { max: number; until?: { score?: number; plateau?: { rounds: number; within?: number } };
    steps: Step[] } };

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

/** What a picture of a workflow shows: who, in which order, and where it asks. */
export function dots(steps: Step[], limit = 8): string[] {
  const found: string[] = [];
  for (const step of steps) {
    if ("turn" in step) found.push(step.turn);
    else if ("parallel" in step) found.push(...step.parallel);
    else if ("gate" in step) found.push("");
    else found.push(...dots(step.loop.steps, limit));
  }
  return found.slice(0, limit);
}

export function agentsOf(file: TemplateFile, nextId: () => number): AgentPlan[] {
  return file.agents.map((agent): AgentPlan => ({
    id: nextId(), name: agent.name, role: agent.role as AgentPlan["role"],
    model: agent.provider && agent.model ? `${agent.provider}/${agent.model}`
      : String(agent.model ?? ""),
    instructions: String(agent.instructions ?? ""),
    temperature: typeof agent.temperature === "number" ? agent.temperature : 0.4,
  }));
}

/** The steps with an agent's new name, or without one who is gone. */
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
