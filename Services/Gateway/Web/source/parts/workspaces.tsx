import { ask, type Reply } from "../frame/api";
import { full } from "../frame/problem";
import { useQuery } from "../frame/query";
import { person } from "../frame/session";
import { kept, Store, useStore } from "../frame/store";
import { Field } from "./states";

export type Workspace = Reply<"GET /workspaces/{id}">;

/** Nobody is in more than fifty. */
export function useWorkspaces() {
  return useQuery("workspace-list", () => ask("GET /workspaces", { query: { limit: 100 } }));
}

const shelf = "draft.workspace";
/** Where new runs of this person belong; "" for to them alone. */
export const ownWorkspace = new Store(kept.get(shelf) ?? "");
ownWorkspace.watch(() => kept.set(shelf, ownWorkspace.get() || null));
// Another person comes, or nobody: what was chosen went with who chose it.
person.watch(() => ownWorkspace.set(kept.get(shelf) ?? ""));

/** Those that the person may begin runs in. */
function open(all: Workspace[]): Workspace[] {
  return all.filter((one) => one.role !== "viewer");
}

interface Choice {
  /** Those that there are to choose from. */
  all: Workspace[];
  /** What a new run is sent with. What nobody could say yet is left to the server to refuse. */
  chosen?: string;
}

/** Of those that `useWorkspaces` has found. */
export function useChoice(items: Workspace[] | undefined): Choice {
  const chosen = useStore(ownWorkspace);
  const all = open(items ?? []);
  const isOne = !items || all.some((one) => one.id === chosen);
  return { all, chosen: (isOne && chosen) || undefined };
}

/** Whose a new run is. Nothing for whoever is in no workspace. */
export function WorkspaceField(props: {
  choice: Choice;
  id: string;
  label?: string;
  error?: string;
  /** In a card of its own. */
  isCard?: boolean;
  onChange?: () => void;
}) {
  const { all, chosen } = props.choice;
  if (all.length === 0) return null;
  const field = (
    <Field id={props.id} label={props.label ?? "Workspace"}
      error={props.error && full(`This ${props.error}`)}
      hint={chosen ? "Everybody in it sees the run. It is charged to you." : "Nobody else sees the run."}>
      <select className="select" id={props.id} value={chosen ?? ""} aria-invalid={!!props.error}
        aria-describedby={`${props.id}-error ${props.id}-hint`}
        onChange={(event) => {
          ownWorkspace.set(event.target.value);
          props.onChange?.();
        }}>
        <option value="">No workspace</option>
        {all.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
      </select>
    </Field>);
  return props.isCard ? <div className="card card-body">{field}</div> : field;
}
