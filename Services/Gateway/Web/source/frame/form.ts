import { useState, type FormEvent } from "react";
import { asProblem, full, type Problem } from "./problem";

/** A form that keeps what was typed, and says what was wrong with it. */
export function useForm(act: () => Promise<void>) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const errorOf = (field: string) => {
    const what = problem?.fields[`/${field}`];
    return what ? full(`This ${what}`) : undefined;
  };
  const other = problem && Object.keys(problem.fields).length === 0 ? problem.sentence : undefined;
  return { submit, isBusy, errorOf, other };
}
