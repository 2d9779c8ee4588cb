/** What went wrong with a sign-in elsewhere, by the word that the gateway sends the browser back with. */
type Words = [what: string, advice: string];

const failed: Words = [
  "Signing in there failed.", "Try again; if it stays so, ask who runs this server."];

const sentences = new Map<string, Words>(Object.entries({
  expired: ["That sign-in is over.", "It took too long, or was used before. Begin again."],
  refused: ["You were not signed in there.", "You or the provider stopped it. Try again, or sign in here."],
  unproven: ["The provider did not prove who you are.", "Try again; if it stays so, ask who runs this server."],
  taken: [
    "Your email address has an account here already.",
    "Sign in to it as before, and link the other sign-in from there."],
  linked: ["That sign-in belongs to another account.", "Sign in with it to see which."],
  disabled: ["This account is disabled.", "Ask who runs this server."],
  limited: ["That were too many tries.", "Wait a minute, then begin again."],
  full: ["This server takes no more accounts.", "Ask who runs it."],
  away: ["The provider did not answer.", "Try again in a moment, or sign in here."],
}));

/** Null for no word; an unknown one is a failure like any other. */
export function signInError(word: string | null): Words | null {
  return word ? sentences.get(word) ?? failed : null;
}
