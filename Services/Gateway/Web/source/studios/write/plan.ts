import type { Reply } from "../../frame/api";
import { kept } from "../../frame/store";

export type Preset = Reply<"GET /presets">["items"][number];
export type Model = Reply<"GET /analytics/models">["items"][number];

export interface AgentPlan {
  /** For the list only: it is not sent. */
  id: number;
  name: string;
  role: "writer" | "editor" | "critic";
  /** "provider/model"; "" for the preset's or the server's own choice. */
  model: string;
  instructions: string;
  temperature: number;
}

export interface CriterionPlan {
  name: string;
  weight: number;
}

export interface ReferencePlan {
  id: string;
  name: string;
  bytes: number;
}

/** A session that is being thought out. */
export interface Plan {
  preset: string;
  title: string;
  draft: string;
  agents: AgentPlan[];
  criteria: CriterionPlan[];
  threshold: string;
  rounds: string;
  parallel: boolean;
  references: ReferencePlan[];
}

const shelf = "draft.new-session";
let counter = 0;
export const nextId = (): number => (counter += 1);

export function fromPreset(preset: Preset, before?: Plan): Plan {
  return {
    title: "", draft: "", threshold: "8.5", rounds: "5", references: [], ...before,
    preset: preset.id, parallel: false,
    agents: preset.agents.map((agent): AgentPlan => ({
      id: nextId(), name: agent.name, role: agent.role as AgentPlan["role"],
      model: agent.provider && agent.model ? `${agent.provider}/${agent.model}` : agent.model ?? "",
      instructions: agent.instructions ?? "", temperature: agent.temperature ?? 0.4 })),
    criteria: shares(preset.criteria),
  };
}

/** Weights as shares of a hundred. */
export function shares(criteria: CriterionPlan[]): CriterionPlan[] {
  const sum = criteria.reduce((all, one) => all + one.weight, 0) || 1;
  return criteria.map((one) => ({ name: one.name, weight: Math.round(one.weight / sum * 100) }));
}

export function keptPlan(): Plan | null {
  try {
    const plan = JSON.parse(kept.get(shelf) ?? "null") as Plan | null;
    if (!plan || !Array.isArray(plan.agents) || !Array.isArray(plan.criteria)) return null;
    for (const agent of plan.agents) agent.id = nextId();
    return plan;
  } catch {
    return null;
  }
}

export function keepPlan(plan: Plan | null): void {
  kept.set(shelf, plan ? JSON.stringify(plan) : null);
}

/** As the server takes it. */
export function request(plan: Plan) {
  return {
    title: plan.title.trim() || undefined, draft: plan.draft || undefined,
    agents: plan.agents.map(agentRequest),
    criteria: plan.criteria.filter((one) => one.name.trim() && one.weight > 0)
      .map((one) => ({ name: one.name.trim(), weight: one.weight })),
    max_rounds: Number(plan.rounds) || undefined,
    score_threshold: plan.threshold === "" ? undefined : Number(plan.threshold),
    parallel_critique: plan.parallel || undefined,
    references: plan.references.length > 0
      ? plan.references.map((one) => ({ id: one.id, name: one.name })) : undefined,
  };
}

/** The same to be priced, which a title has no part in; a place is kept for one that is missing. */
export function estimateRequest(plan: Plan) {
  return { ...request(plan), title: "Untitled" };
}

/** "anthropic/claude…" names both; an alias such as "strong" names a model alone. */
export function agentRequest(agent: Omit<AgentPlan, "id">) {
  const slash = agent.model.indexOf("/");
  return {
    name: agent.name.trim(), role: agent.role,
    provider: slash > 0 ? agent.model.slice(0, slash) : undefined,
    model: (slash > 0 ? agent.model.slice(slash + 1) : agent.model) || undefined,
    instructions: agent.instructions, temperature: agent.temperature,
  };
}

/** Where each refusal of the server belongs among the fields. */
export function errorAt(fields: Record<string, string>, pointer: string): string | undefined {
  const exact = fields[pointer];
  if (exact) return exact;
  const below = Object.keys(fields).find((one) => one.startsWith(`${pointer}/`));
  return below ? fields[below] : undefined;
}
