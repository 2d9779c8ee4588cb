import { Component, Suspense, lazy, useEffect, type ReactNode } from "react";
import { Announcer, Notices, warn } from "./frame/notices";
import { match, navigate, ownPlace, usePlace, type Route } from "./frame/router";
import { away, findPerson, person } from "./frame/session";
import { useStore } from "./frame/store";
import { Shell } from "./parts/Shell";
import { Skeleton } from "./parts/states";
import { Home } from "./screens/Home";
import { Gates } from "./screens/Gates";
import { Runs } from "./screens/Runs";
import { RunScreen } from "./screens/RunScreen";
import { Sign } from "./screens/Sign";
import { signInError } from "./screens/signInErrors";
import { Broken, Missing, NoServer } from "./screens/Failures";
import { studios } from "./studios";

const Landing = lazy(() => import("./screens/Landing"));
const Settings = lazy(() => import("./screens/Settings"));
const Templates = lazy(() => import("./screens/Templates"));
const TemplateEditor = lazy(() => import("./screens/TemplateEditor"));

const Invitation = lazy(() => import("./screens/Invitation"));

const home = { name: "Home", to: "/" };
const people = { name: "People", to: "/settings/people" };
const templates = { name: "Templates", to: "/templates" };

const routes: Route[] = [
  { path: "/", title: "Home", section: "home", render: () => <Home /> },
  { path: "/gates", title: "Gates", section: "gates", crumbs: [home], render: () => <Gates /> },
  { path: "/runs", title: "Runs", section: "runs", crumbs: [home], render: () => <Runs /> },
  { path: "/runs/{id}", title: "Run", section: "runs", isFlush: true,
    crumbs: [{ name: "Runs", to: "/runs" }],
    render: ({ id }) => <RunScreen key={id} id={id} /> },
  { path: "/templates", title: "Templates", section: "templates", crumbs: [home],
    render: () => <Templates /> },
  { path: "/templates/new", title: "New template", section: "templates", isFlush: true,
    crumbs: [templates], render: () => <TemplateEditor id={null} /> },
  { path: "/templates/{id}", title: "Template", section: "templates", isFlush: true,
    crumbs: [templates], render: ({ id }) => <TemplateEditor key={id} id={id} /> },
  { path: "/settings", title: "Settings", section: "settings", crumbs: [home],
    render: () => <Settings part="account" /> },
  { path: "/settings/{part}", title: "Settings", section: "settings", crumbs: [home],
    render: ({ part }) => <Settings part={part} /> },
  { path: "/settings/people/{id}", title: "Workspace", section: "settings", crumbs: [people],
    render: ({ id }) => <Settings part="people" workspace={id} /> },
  { path: "/invitations/{token}", title: "Invitation", section: "settings", crumbs: [home],
    render: ({ token }) => <Invitation token={token} /> },
  ...studios.flatMap((studio) => studio.routes),
];

const missing: Route = { path: "", title: "Not found", crumbs: [home], render: () => <Missing /> };

/** A mistake of ours on one screen does not take the frame with it. */
class Net extends Component<{ children: ReactNode }, { error: unknown }> {
  state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  render() {
    return this.state.error ? <Broken error={this.state.error} /> : this.props.children;
  }
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Atelier` : "Atelier";
  }, [title]);
}

function SignedIn() {
  const { path } = usePlace();
  const isSigning = path === "/sign-in" || path === "/sign-up";
  const [route, parts] = match(routes, path) ?? [missing, {}];
  useTitle(route.title);
  useEffect(() => {
    if (!isSigning) return;
    const words = new URLSearchParams(location.search);
    // Who is signed in and wanted to link another way to it comes back to where they were.
    const failure = signInError(words.get("error"));
    if (failure) warn(...failure);
    navigate(ownPlace(words.get("next")), { replace: true });
  }, [isSigning]);
  if (isSigning) return null;
  return (
    <Shell route={route}>
      <Net key={path}>
        <Suspense fallback={<Skeleton label="Loading" />}>{route.render(parts)}</Suspense>
      </Net>
    </Shell>);
}

function SignedOut() {
  const { path, query } = usePlace();
  const isSign = path === "/sign-in" || path === "/sign-up";
  useTitle(isSign ? (path === "/sign-in" ? "Sign in" : "Create an account") : "");
  useEffect(() => {
    if (!isSign && path !== "/") {
      navigate(`/sign-in?next=${encodeURIComponent(path + query)}`, { replace: true });
    }
  }, [isSign, path, query]);
  if (isSign) return <Sign isNew={path === "/sign-up"} />;
  return path === "/" ? <Suspense fallback={null}><Landing /></Suspense> : null;
}

export function App() {
  const who = useStore(person);
  const trouble = useStore(away);
  const body = who ? <SignedIn /> : who === null ? <SignedOut />
    : trouble ? <NoServer problem={trouble} retry={findPerson} /> : null;
  return <Net>{body}<Notices /><Announcer /></Net>;
}
