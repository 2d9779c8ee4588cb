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

// MARK: Estimate

export interface Estimate {
  credits: [number, number];
  dollars: [number, number];
  turns: [number, number];
  tokensIn: number;
  tokensOut: number;
  isOffline: boolean;
  isPriced: boolean;
}

/** Every turn costs at least this many credits, whoever pays for the model. */
const turnFee = 0.1;
const tokensPerByte = 0.25;
const reviewTokens = 700;
const promptTokens = 900;

/** What a session may cost: from one round to all of them, at list prices. Not a promise. */
export function estimate(plan: Plan, models: Model[], referenceTokens: number): Estimate {
  const document = Math.max(600, plan.draft.length * tokensPerByte * 1.1);
  const rounds = Math.max(1, Number(plan.rounds) || 1);
  const fallback = models.find((model) => model.is_default) ?? models[0];
  let [dollars, tokensIn, tokensOut, fees] = [0, 0, 0, 0];
  let isPriced = true;
  let isOffline = models.length > 0;
  for (const agent of plan.agents) {
    const model = models.find((one) => `${one.provider}/${one.model}` === agent.model) ?? fallback;
    const input = document + referenceTokens + promptTokens + reviewTokens;
    const output = agent.role === "writer" ? document : reviewTokens;
    tokensIn += input;
    tokensOut += output;
    if (!model?.is_offline) isOffline = false;
    const price = model?.input_price == null ? null : [model.input_price, model.output_price ?? 0];
    if (price === null) isPriced = false;
    // Prices are millionths of a dollar for a million tokens.
    const cost = price ? (input * price[0] + output * price[1]) / 1e12 : 0;
    dollars += cost;
    fees += Math.max(turnFee, cost * 100);
  }
  const turns = plan.agents.length;
  return {
    credits: [fees, fees * rounds], dollars: [dollars, dollars * rounds],
    turns: [turns, turns * rounds], tokensIn: tokensIn * rounds, tokensOut: tokensOut * rounds,
    isOffline, isPriced,
  };
}
