"""deploy/grafana shows what is really exported, in queries that Prometheus understands."""
import json
import re
import shutil

import pytest
from processes import run
from prometheus_client.parser import text_string_to_metric_families
from service import Catalog, Service

# What Grafana puts there.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}
SUFFIXES = re.compile("_(bucket|sum|count)$")


@pytest.fixture(scope="module", name="dashboard")
def dashboard_fixture(source):
    return json.loads((source / "deploy" / "grafana" / "mirrorway.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", name="queries")
def queries_fixture(dashboard):
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    for name, value in VARIABLES.items():
        queries = [query.replace(name, value) for query in queries]
    return queries


@pytest.fixture(scope="module", name="exported")
def exported_fixture(programs, tmp_path_factory):
    """The labels of every metric that both programs export."""
    folder = tmp_path_factory.mktemp("dashboard")
    catalog = Catalog(programs, folder)
    snapshot = folder / "mirrorlist.snapshot"
    catalog.build(snapshot)
    with Service(programs, folder, snapshot, has_metrics=True) as service:
        service.wait_for_metrics()
        service.ask("/mirrorlist?repo=a&arch=b")
        text = service.ask_metrics("/metrics").body
    return {family.name + ("_total" if family.type == "counter" else ""):
            {label for sample in family.samples for label in sample.labels} | {"instance"}
            for family in text_string_to_metric_families(text)}


def test_the_dashboard_shows_every_metric_and_no_other(queries, exported):
    named = {SUFFIXES.sub("", name) for query in queries for name in re.findall(r"mirrorway_\w+", query)}
    assert not named - set(exported), "the dashboard asks for what is not exported"
    assert not set(exported) - named, "add these to a panel of deploy/grafana/mirrorway.json"


def test_queries_name_labels_that_exist(queries, exported):
    for query in queries:
        known = set().union(*(exported[SUFFIXES.sub("", name)] for name in re.findall(r"mirrorway_\w+", query)))
        grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(",")}
        matched = {label for group in re.findall(r"{([^}]*)}", query)
                   for label in re.findall(r"(\w+)\s*=~?", group)}
        assert grouped | matched <= known, query


def test_legends_name_labels_of_their_queries(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                assert re.search(rf"by \([^)]*\b{label}\b", target["expr"]), (panel["title"], label)


def test_panels_have_names_and_places_of_their_own(dashboard):
    places = set()
    for panel in dashboard["panels"]:
        assert panel["title"]
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & places, panel["title"]
        places |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool of Debian's prometheus")
def test_prometheus_understands_every_query(queries, tmp_path):
    rules = {"groups": [{"name": "dashboard", "rules": [
        {"record": f"query{number}", "expr": query} for number, query in enumerate(queries)]}]}
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps(rules), encoding="utf-8")  # JSON is YAML
    run(["promtool", "check", "rules", path])
