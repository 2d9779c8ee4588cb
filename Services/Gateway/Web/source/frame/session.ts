import { ask, onSignedOut, type Reply } from "./api";
import { Problem } from "./problem";
import { forget } from "./query";
import { kept, Store } from "./store";

export type Person = Reply<"GET /auth/me">;

/** Who is signed in; `undefined` while nobody knows yet. */
export const person = new Store<Person | null | undefined>(undefined);
/** Why the server could not say who is signed in. */
export const away = new Store<Problem | null>(null);
/** True after a session ended by itself, so that signing in says why. */
export const expired = new Store(false);

onSignedOut(() => {
  if (person.get()) expired.set(true);
  forget();
  person.set(null);
});

export async function findPerson(): Promise<void> {
  try {
    const found = await ask("GET /auth/me");
    recognise(found);
    person.set(found);
    away.set(null);
  } catch (error) {
    const problem = error as Problem;
    if (problem.status === 401) person.set(null);
    else away.set(problem);
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  const found = await ask("POST /auth/session", { body: { email, password } });
  begin(found);
}

export async function signUp(name: string, email: string, password: string): Promise<void> {
  await ask("POST /auth/register", { body: { name, email, password } });
  await signIn(email, password);
}

/** What one person began on this browser is not shown to the next, however they signed in. */
function recognise(found: Person): void {
  if (kept.get("person") !== found.id) kept.forgetPerson();
  kept.welcome();
  kept.set("person", found.id);
}

function begin(found: Person): void {
  recognise(found);
  forget();
  expired.set(false);
  person.set(found);
  tell("in");
}

export async function signOut(everywhere = false): Promise<void> {
  await ask(everywhere ? "POST /auth/logout-everywhere" : "POST /auth/logout");
  ended();
}

/** Nobody is signed in any more, and nothing of who was is kept here. */
export function ended(): void {
  kept.forgetPerson();
  forget();
  person.set(null);
  tell("out");
}

// Windows of one browser share the cookie, so they sign in and out together.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("atelier.session") : null;

function tell(what: "in" | "out"): void {
  channel?.postMessage(what);
}

channel?.addEventListener("message", ({ data }) => {
  if (data === "out") kept.forgetPerson();
  else kept.welcome();
  forget();
  void findPerson();
});
