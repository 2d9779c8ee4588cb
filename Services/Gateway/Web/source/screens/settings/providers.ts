/** Providers that a person may give a key for, wherever the server has one or not. */
export const keyed: Record<string, { name: string; hint: string }> = {
  anthropic: { name: "Anthropic", hint: "From console.anthropic.com; it begins with sk-ant-." },
  openai: { name: "OpenAI", hint: "From platform.openai.com; it begins with sk-." },
  gemini: { name: "Google", hint: "From aistudio.google.com; it begins with AIza." },
};

const others: Record<string, string> = { ollama: "Ollama", offline: "Offline provider" };

export function nameOf(provider: string): string {
  return keyed[provider]?.name ?? others[provider] ?? provider;
}

/** What runs on the server itself takes none. */
export function takesKeys(provider: string): boolean {
  return !(provider in others);
}
