"""The pages in a real browser: nothing is asked of another host, nothing complains, and a parcel can be read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, ViewportSize, expect, sync_playwright
from published_sample import HOSTILE, sample
from sample_server import SampleRuns

import maps
from api.app import create_app
from geo.publish import Published

PICTURES = Path(__file__).parent / "pictures" / "out"
CHROMIUM = "/usr/bin/chromium"
#: a browser without sandbox and graphics card, that does not call home by itself
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=400, height=860)


@dataclass
class Watched:
    """A page, and what it did that it should not have."""

    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def clean(self) -> None:
        """Fail if the page asked another host, or if the browser complained."""
        assert (self.outside, self.complaints) == ([], [])

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture to be looked at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A server over a made-up run, on a free port."""
    with serving(sample()) as address:
        yield address


@contextmanager
def serving(run: Published) -> Iterator[str]:
    """A server over a run, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(runs=SampleRuns(run)), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def watched(browser: Browser, origin: str) -> Iterator[Watched]:
    """A page that can reach its own server only; every other request is cut off and written down."""
    page = browser.new_page(viewport=WIDE)
    seen = Watched(page)

    def only_ours(route: Route, request: Request) -> None:
        if request.url.startswith((f"{origin}/", "data:", "blob:", "file:")):
            route.continue_()
        else:
            seen.outside.append(request.url)
            route.abort()

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            seen.complaints.append(message.text)

    page.route("**/*", only_ours)
    page.on("console", console)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: seen.complaints.append(f"dialog: {dialog.message}"))
    yield seen
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/", "/candidates", "/clusters", "/carriers", "/totals", "/parcels/演示-0001", "/docs"]
)
def test_a_page_asks_nothing_of_another_host_and_nothing_complains(
    watched: Watched, origin: str, path: str, lang: str
) -> None:
    watched.page.goto(f"{origin}{quote(path)}?lang={lang}", wait_until="networkidle")
    if path == "/docs":
        expect(watched.page.locator("#swagger")).to_contain_text("/api/v1/candidates")
    watched.picture(f"page-{path.strip('/').split('/')[0] or 'front'}-{lang}", whole=True)
    watched.clean()


def test_a_narrow_window_scrolls_in_one_direction_only(watched: Watched, origin: str) -> None:
    watched.page.set_viewport_size(NARROW)
    for path in ("/", "/candidates", "/totals", "/parcels/演示-0001"):
        watched.page.goto(f"{origin}{quote(path)}", wait_until="networkidle")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
    watched.page.goto(origin, wait_until="networkidle")
    watched.picture("narrow-front", whole=True)
    watched.clean()


def test_the_page_of_a_parcel_with_an_opinion_is_no_wider_than_a_phone(browser: Browser) -> None:
    run = sample()
    basis = "政策 hongkou-2025 (29990405eb18)，数据版本 f51f31a0777d4eda9573a3c46cd1642b:15:2026-11-26"
    judged = {rule: rows.assign(opinion="agree", opinion_basis=basis) for rule, rows in run.candidates.items()}
    with serving(replace(run, candidates=judged)) as address:
        page = browser.new_page(viewport=NARROW)
        page.goto(f"{address}{quote('/parcels/演示-0001')}", wait_until="networkidle")
        expect(page.locator("#opinion ~ table")).to_contain_text("f51f31a0777d")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_clusters_does_not_run_out_of_its_page(browser: Browser, lang: str) -> None:
    run = sample()
    uses = [
        {"use": use, "area_m2": 9e4, "share": 0.301} for use in ("commercial_office", "commercial_service", "mixed")
    ]
    n = len(run.clusters)
    whole = run.clusters.assign(
        area_m2=454_268.0, gross_area_m2=524_509.0, gfa_m2=841_753.0, capacity_m2=1_088_430.0, n_capacity_unknown=3,
        uses=[uses] * n, n_carriers=3, carrier_codes=[["演示载体-01"]] * n, elongation=10.97, compactness=0.21,
    )  # fmt: skip
    with serving(replace(run, clusters=whole)) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 800})
        page.goto(f"{address}/clusters?lang={lang}", wait_until="networkidle")
        wide, room = page.locator(".scroll").first.evaluate("box => [box.scrollWidth, box.clientWidth]")
        page.close()
    assert wide <= room


def test_clusters_of_two_zones_some_kilometres_apart_bear_their_labels_on_the_page(browser: Browser) -> None:
    run = sample()
    far = run.clusters.assign(cluster_id="far").translate(1500, 5000)
    both = pd.concat([run.clusters, run.clusters.assign(cluster_id="far").set_geometry(far)], ignore_index=True)
    with serving(replace(run, clusters=both.assign(n_parcels=2))) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 800})
        page.goto(f"{address}/clusters?lang=zh", wait_until="networkidle")
        labels = page.frame_locator(".map iframe").locator(".sb-cluster-label span")
        expect(labels.first).to_be_visible()
        shown = [labels.nth(place).is_visible() for place in range(labels.count())]
        page.close()
    assert sum(shown) >= 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reasons_of_the_list_are_read_without_scrolling_sideways(watched: Watched, origin: str, lang: str) -> None:
    page = watched.page
    for width in (1400, NARROW["width"]):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{origin}/candidates?lang={lang}", wait_until="networkidle")
        opened = page.locator("details.reasons").first
        opened.locator("summary").click()
        expect(opened.locator("li").first).to_be_visible()
        places = opened.locator("li").evaluate_all(
            "items => items.map(item => item.getBoundingClientRect()).map(box => [box.left, box.right])"
        )
        assert places
        assert all(0 <= left < right <= width for left, right in places), (width, places)
        watched.picture(f"reasons-{lang}-{width}")
    watched.clean()


def test_a_click_on_a_parcel_opens_its_figures_and_reasons_and_a_hostile_name_is_text(
    watched: Watched, origin: str
) -> None:
    page = watched.page
    page.goto(f"{origin}/maps/overview", wait_until="networkidle")
    watched.picture("map")
    parcel = page.locator("path.leaflet-interactive[fill='#cfe9c6'], path.leaflet-interactive[fill='#86cfbb']")
    for number in range(parcel.count()):
        parcel.nth(number).click(force=True)
        if "演示-0001" in page.locator(".sb-popup h2").inner_text():
            break
    popup = page.locator(".sb-popup")
    expect(popup.locator("h2")).to_have_text("演示-0001")
    expect(popup).to_contain_text(HOSTILE)
    expect(popup).to_contain_text("4,800 ㎡（7.2 亩）")
    expect(popup.locator("dd.sb-unknown").first).to_have_text("未知")
    expect(popup.locator("li.sb-pass").first).to_contain_text("位于双北片区内")
    expect(popup).to_contain_text("标准 ≥ 3,000 ㎡ · 依据 假设")
    assert page.locator("img[src='x']").count() == 0
    watched.picture("map-popup")
    popup.locator("a.sb-open").click()
    page.wait_for_url("**/parcels/*")
    expect(page.locator("h1")).to_contain_text(HOSTILE)
    watched.clean()


def test_the_map_leads_from_one_rule_to_another_and_popups_say_the_way(watched: Watched, origin: str) -> None:
    page = watched.page
    page.goto(f"{origin}/maps/overview?lang=zh", wait_until="networkidle")
    expect(page.locator(".sb-rules strong")).to_have_text("商办等用地调整为研发用地")
    before = page.locator(".leaflet-candidates-pane path").count()
    page.locator(".sb-rules a", has_text="工业用地调整为研发用地").click()
    page.wait_for_url("**rule=industrial_to_rnd**")
    expect(page.locator(".sb-rules strong")).to_have_text("工业用地调整为研发用地")
    assert page.locator(".leaflet-candidates-pane path").count() == 1 < before
    page.locator(".leaflet-candidates-pane path").click(force=True)
    popup = page.locator(".sb-popup")
    expect(popup).to_contain_text("土地路径 → M4、C65")
    expect(popup).to_contain_text("先调整控制性详细规划用途为 M4 或 C65")
    watched.picture("map-other-rule")
    watched.clean()


def test_layers_can_be_switched_off_and_their_legend_goes_with_them(watched: Watched, origin: str) -> None:
    page = watched.page
    page.goto(f"{origin}/maps/overview?lang=en", wait_until="networkidle")
    layer = page.locator(".sb-layer", has_text="Parcels by planned use")
    before = page.locator("path.leaflet-interactive").count()
    expect(layer.locator(".sb-keys")).to_be_visible()
    layer.locator("input").uncheck()
    expect(layer.locator(".sb-keys")).to_be_hidden()
    assert page.locator("path.leaflet-interactive").count() == before - 64
    layer.locator("input").check()
    assert page.locator("path.leaflet-interactive").count() == before
    watched.clean()


def _lie_apart(page: Page) -> None:
    """Fail if two of the controls of a map lie on each other."""
    names = (
        ".sb-panel",
        ".leaflet-control-zoom",
        ".leaflet-control-scale",
        ".leaflet-control-attribution",
        ".sb-synthetic",
    )
    boxes = [page.locator(one).bounding_box() for one in names]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert one is not None
            assert other is not None
            apart = (
                one["x"] + one["width"] <= other["x"]
                or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"]
                or other["y"] + other["height"] <= one["y"]
            )
            assert apart, (one, other)


def test_the_panel_covers_no_other_control_and_starts_folded_where_it_is_narrow(watched: Watched, origin: str) -> None:
    page = watched.page
    page.goto(f"{origin}/maps/overview?lang=en", wait_until="networkidle")
    _lie_apart(page)
    page.set_viewport_size(NARROW)
    page.reload(wait_until="networkidle")
    _lie_apart(page)
    expect(page.locator(".sb-body")).to_be_hidden()
    page.locator(".sb-panel summary").click()
    expect(page.locator(".sb-body")).to_be_visible()
    watched.picture("map-narrow")
    watched.clean()


def test_chinese_is_drawn_and_not_as_boxes(watched: Watched, origin: str) -> None:
    page = watched.page
    page.goto(origin)
    # A font that lacks a character draws the same box for every one that it lacks.
    different = page.evaluate(
        """() => new Set(["双", "北", "载", "体"].map((character) => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 40;
            const pen = canvas.getContext("2d");
            pen.font = "32px " + getComputedStyle(document.body).fontFamily;
            pen.fillText(character, 2, 34);
            return canvas.toDataURL();
        })).size"""
    )
    assert different == 4


def test_a_saved_map_opens_from_a_file_without_any_network(watched: Watched, tmp_path: Path) -> None:
    maps.overview(sample()).save(tmp_path / "map.html")
    requests: list[str] = []
    watched.page.on("request", lambda request: requests.append(request.url.split(":")[0]))
    watched.page.goto((tmp_path / "map.html").as_uri())
    expect(watched.page.locator("path.leaflet-interactive").first).to_be_attached()
    expect(watched.page.locator(".sb-rules strong")).to_have_text("商办等用地调整为研发用地")
    assert watched.page.locator(".sb-rules a").count() == 0, "a file has no other maps to lead to"
    assert set(requests) <= {"file", "data"}
    assert requests.count("file") == 1
    watched.clean()


def test_a_map_in_a_notebook_cell_asks_nothing(watched: Watched, tmp_path: Path) -> None:
    cell = maps.candidates(sample().parcels)._repr_html_()
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{cell}", encoding="utf-8")
    watched.page.goto((tmp_path / "notebook.html").as_uri())
    frame = watched.page.frame_locator("iframe")
    expect(frame.locator("path.leaflet-interactive").first).to_be_attached()
    expect(frame.locator(".sb-panel")).to_contain_text("候选地块")
    watched.clean()
