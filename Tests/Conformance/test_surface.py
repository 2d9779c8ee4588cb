"""The HTTP surface is what its own reference says, and its figures are what Prometheus reads."""

import json
import subprocess
import sys
import time

import pytest
from live_stack import Stack, programs
from prometheus_client.parser import text_string_to_metric_families
from whole_stack import SERVICES, WholeStack

pytestmark = pytest.mark.skipif(programs() is None, reason="the services are not built")

# Seconds for what is made up; the fixed cases come before and take about as long.
LIMIT = 60
# A live stream has no end, so it is no answer that could be judged; and what a body may hold is told
# by rules past any schema: a draft or a title, agents that a template names, a clock's five fields.
# The key that asks must not be ended by chance. And who repeats an Idempotency-Key is given what
# was made then, though it may have been deleted since.
UNJUDGED = [
    "--exclude-path-regex", "/stream$", "--exclude-operation-id", "delete_api_v1_api_keys_id",
    "--exclude-checks", "positive_data_acceptance,ensure_resource_availability"]


@pytest.fixture(scope="module")
def stack():
    with WholeStack() as stack:
        yield stack


def test_reference(stack):
    """schemathesis finds no failure: statuses, types and schemas are those of the reference."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{stack.url}/openapi.json",
        "--header", f"Authorization: Bearer {stack.key}", "--max-time", str(LIMIT), "--workers", "1",
        "--seed", "20261121", "--request-timeout", "20", "--suppress-health-check", "all",
        "--max-examples", "20", *UNJUDGED]
    # In the stack's folder, where what it remembers goes away with it.
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, cwd=stack.folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-12_000:]


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


def up(stack):
    found = families(stack.send("GET", "/metrics")[2])["atelier_up"]
    return {sample.labels["service"]: sample.value for sample in found.samples}


def test_metrics(stack):
    """Prometheus' own parser reads the figures of every service, and those of model calls."""
    asked = {"model": "offline", "messages": [{"role": "user", "content": "Hello"}]}
    status, _, text = stack.send("POST", "/v1/chat/completions", asked)
    assert status == 200, text
    status, headers, text = stack.send("GET", "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = families(text)
    assert up(stack) == {name: 1.0 for name in SERVICES}
    for family in found.values():
        assert family.documentation and family.type in ("counter", "gauge", "histogram")
        if family.type == "histogram":
            check_histogram(family)
    assert sum(sample.value for sample in found["atelier_calls"].samples) > 0
    duration = found["gen_ai_client_operation_duration_seconds"]
    assert any(sample.labels.get("gen_ai_request_model") for sample in duration.samples)


def check_histogram(family):
    """Buckets grow, end with +Inf, and the count is theirs."""
    series = {}
    for sample in family.samples:
        labels = frozenset((k, v) for k, v in sample.labels.items() if k != "le")
        series.setdefault(labels, []).append(sample)
    for samples in series.values():
        counts = [one.value for one in samples if one.name.endswith("_bucket")]
        assert counts == sorted(counts)
        total = [one.value for one in samples if one.name.endswith("_count")]
        assert [counts[-1]] == total
        assert [one.labels["le"] for one in samples if "le" in one.labels][-1] == "+Inf"


def test_metrics_of_a_service_that_is_away(stack):
    """A service that is gone is said to be down, quickly, and the others are told all the same."""
    stack.kill("sandbox")
    began = time.monotonic()
    figures = up(stack)
    assert time.monotonic() - began < 5
    assert figures == {name: float(name != "sandbox") for name in SERVICES}
    stack.start("sandbox")


def answered(stack, method, path, body=None, key=None, **headers):
    return WholeStack.send(stack, method, path, body, key, **headers)


def test_what_outlives_a_crash():
    """Limits and kept answers are the same after a gateway was killed."""
    with Stack(ATELIER_REQUESTS_PER_MINUTE="5") as stack:
        person = {"email": "ada@example.org", "password": "correct horse battery", "name": "Ada"}
        assert answered(stack, "POST", "/api/v1/auth/register", person)[0] == 201
        login = json.loads(answered(stack, "POST", "/api/v1/auth/login", person)[2])
        me = ("GET", "/api/v1/auth/me", None, login["access_token"])
        assert [answered(stack, *me)[0] for _ in range(6)] == [200] * 5 + [429]
        make = ("POST", "/api/v1/api-keys", {"name": "once"})
        first = answered(stack, *make, Idempotency_Key="k")
        assert first[0] == 201 and first[1]["Idempotency-Replayed"] is None
        time.sleep(2)  # the limits are written down once a second
        stack.kill("gateway")
        stack.start("gateway")
        stack.wait()
        status, headers, text = answered(stack, *me)
        assert status == 429 and headers["RateLimit-Remaining"] == "0"
        assert json.loads(text)["code"] == "limited" and int(headers["Retry-After"]) <= 12
        again = answered(stack, *make, Idempotency_Key="k")
        assert again[2] == first[2] and again[1]["Idempotency-Replayed"] == "true"


def test_marks(stack):
    """A request's id and trace come back, and stand in the problem document."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    status, headers, text = stack.send(
        "GET", "/api/v1/runs/run_none", X_Request_Id="conformance-1", traceparent=trace)
    assert status == 404 and headers["Content-Type"] == "application/problem+json"
    assert headers["X-Request-Id"] == json.loads(text)["request_id"] == "conformance-1"
    assert headers["traceparent"] == trace
