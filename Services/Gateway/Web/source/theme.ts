// Runs before anything is painted, so that a dark page never flashes white. It stands alone: a
// script of its own, with nothing imported.
{
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("atelier.theme");
  } catch {
    // A browser that keeps nothing gets the theme of its system.
  }
  const isDark = chosen === "dark" ||
    (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}
