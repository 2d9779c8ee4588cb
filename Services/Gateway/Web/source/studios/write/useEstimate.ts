import { useEffect, useRef, useState } from "react";
import { ask, type Reply } from "../../frame/api";
import { asProblem, type Problem } from "../../frame/problem";
import { estimateRequest, type Plan } from "./plan";

export type Estimate = Reply<"POST /runs/estimate">;

interface State {
  /** The newest one that came, also while another is on its way. */
  data?: Estimate;
  /** Why there is none for what stands there now. */
  problem?: Problem;
  isLoading: boolean;
}

/** How long somebody has to pause before what they wrote is sent to be priced. */
const pause = 500;

/** What the server says a plan may cost, asked again whenever the plan has changed. */
export function useEstimate(plan: Plan): State & { retry: () => void } {
  const [state, setState] = useState<State>({ isLoading: true });
  const [tries, setTries] = useState(0);
  const answered = useRef("");
  const tried = useRef(-1);
  useEffect(() => {
    // Coming here and another try wait for nothing.
    const wait = tried.current === tries ? pause : 0;
    tried.current = tries;
    const ending = new AbortController();
    const find = async () => {
      const body = estimateRequest(plan);
      const text = JSON.stringify(body);
      const isKnown = text === answered.current;
      setState((last) => ({ ...last, isLoading: !isKnown }));
      if (isKnown) return;
      try {
        const data = await ask("POST /runs/estimate", { body, signal: ending.signal });
        if (ending.signal.aborted) return;
        answered.current = text;
        setState({ data, isLoading: false });
      } catch (error) {
        if (ending.signal.aborted) return;
        answered.current = "";
        setState({ problem: asProblem(error), isLoading: false });
      }
    };
    const timer = setTimeout(() => void find(), wait);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [plan, tries]);
  return { ...state, retry: () => setTries((count) => count + 1) };
}
