import { ask } from "../frame/api";
import { useQuery } from "../frame/query";
import { Link } from "../frame/router";
import { Banner } from "./states";

export function useModels() {
  return useQuery("models", () => ask("GET /analytics/models"), 60_000);
}

/** Says plainly that no model is at work, wherever its text could be taken for one's. */
export function OfflineBanner({ isBox }: { isBox?: boolean }) {
  const models = useModels().data?.items ?? [];
  if (models.length === 0 || models.some((model) => !model.is_offline)) return null;
  return (
    <Banner isBox={isBox} end={<Link href="/settings/provider-keys">Add a key</Link>}>
      <b>No model is set up: the built-in offline provider is used.</b> Everything works, but it edits
      and judges by rules.
    </Banner>);
}
