"""The map on the estimators' page."""

import re

from explorer import catalog, needs


def page_of(test) -> str:
    return " ".join(str(html.proto.body) for html in test.get("html"))


def test_every_estimator_has_a_link_on_the_map(open_page):
    page = page_of(open_page("estimators?run=small"))
    links = re.findall(r'href="estimators\?run=small&amp;estimator=(\w+)"', page)
    assert sorted(links) == catalog.names("estimators")


def test_the_map_is_open_until_an_estimator_is_chosen(open_page):
    for address, opened in (("estimators?run=small", True), ("estimators?estimator=gae", False)):
        assert open_page(address).expander[0].proto.expanded == opened


def test_the_head_says_where_the_estimator_stands(open_page):
    said = " ".join(m.value for m in open_page("estimators?run=small&estimator=vine").markdown)
    place = next(place for place in needs.places() if place.name == "vine")
    assert f"one number for each {place.granularity}" in said
    assert "needs rollouts of its own, N a step" in said
