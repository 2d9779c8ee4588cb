import { say } from "./notices";

/** Puts a text on the clipboard, or says how a person does it. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("Select it and copy it", "This browser does not let a page do it.");
  }
}
