"""Opens TensorBoard's page on a folder of logs in a browser without a window, and looks at what it draws.

    python browse_tensorboard.py LOGS EXPECTED.json [PICTURES]

Needs tensorboard and playwright from PyPI, and Chromium: the one that `playwright install chromium` brings, or the program that the
environment variable CHROMIUM names. EXPECTED as check_tensorboard.py takes it. Each tab is opened and waited for; every scalar,
histogram and image must stand on the page by its name with a picture drawn, the graph with its nodes. PICTURES is a folder for
pictures of the tabs.
"""

import json
import os
import sys

from playwright.sync_api import sync_playwright
from tensorboard import program

logs, expected = sys.argv[1], json.load(open(sys.argv[2]))
pictures = sys.argv[3] if len(sys.argv) > 3 else None

board = program.TensorBoard()
board.configure(argv=[None, "--logdir", logs, "--port", "0", "--host", "127.0.0.1", "--load_fast", "false"])
url = board.launch()

# Elements of the page stand in trees of their own; these functions see through them.
SEEN = """() => {
  const texts = [], drawn = {svg: 0, path: 0, canvas: 0, img: 0};
  const visit = node => {
    if (node.nodeType === Node.TEXT_NODE) { const t = node.textContent.trim(); if (t) texts.push(t); return; }
    if (node.nodeType === Node.ELEMENT_NODE) {
      const box = node.getBoundingClientRect(), kind = node.tagName.toLowerCase();
      if (kind === 'style' || kind === 'script') return;
      if (kind in drawn && (kind === 'path' ? node.getAttribute('d') : box.width > 20 && box.height > 20)
          && (kind !== 'img' || node.naturalWidth > 0)) drawn[kind]++;
      const title = node.getAttribute('title') || node.getAttribute('data-name'); if (title) texts.push(title);
      if (node.shadowRoot) node.shadowRoot.childNodes.forEach(visit);
    }
    node.childNodes.forEach(visit);
  };
  visit(document.body);
  return {texts, drawn};
}"""


# Groups of cards are opened by clicks on their names.
EXPAND = """() => {
  const all = [];
  const visit = node => {
    if (node.nodeType === Node.ELEMENT_NODE) { all.push(node); if (node.shadowRoot) node.shadowRoot.childNodes.forEach(visit); }
    node.childNodes.forEach(visit);
  };
  visit(document.body);
  let clicked = 0;
  for (const node of all) {
    const closed = node.matches('tf-category-paginated-view, tf-collapsable-pane') && node.shadowRoot
      && node.shadowRoot.querySelector('button[open-button], button.heading');
    const old = closed && !(node.opened || node._contentVisible);
    const now = node.matches('button.group-toggle, card-group-toolbar button') && node.getAttribute('aria-expanded') === 'false';
    if (old) { closed.click(); clicked++; }
    if (now) { node.click(); clicked++; }
  }
  return clicked;
}"""


def look(page, tab, what, enough):
    """Opens a tab and waits until `enough` is true of what is seen there."""
    page.goto(f"{url}?darkMode=false#{tab}")
    page.reload()
    seen, clicks = None, 0
    for _ in range(60):
        page.wait_for_timeout(500)
        clicks += page.evaluate(EXPAND)
        page.evaluate("window.dispatchEvent(new Event('resize'))")
        page.mouse.wheel(0, 300)
        seen = page.evaluate(SEEN)
        if enough(seen):
            break
    if pictures:
        os.makedirs(pictures, exist_ok=True)
        page.screenshot(path=f"{pictures}/{tab}.png", full_page=True)
    if not enough(seen):
        raise SystemExit(f"{tab}: {what} are not all on the page: {seen['drawn']}, {sorted(set(seen['texts']))}")
    print(f"{tab}: {seen['drawn']}")


def named(seen, tag):
    """Whether a tag stands on the page, whole or without its group."""
    return any(t == tag or tag.endswith("/" + t) or t.endswith(tag) for t in seen["texts"])


def all_named(kind):
    tags = {tag for _, tag in expected[kind]}
    return lambda seen: all(named(seen, tag) for tag in tags)


with sync_playwright() as p:
    program_of = os.environ.get("CHROMIUM")
    browser = p.chromium.launch(executable_path=program_of, args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1600, "height": 4000})
    errors = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    scalars, histograms, images = (len(set(t for _, t in expected[k])) for k in ["scalars", "histograms", "images"])
    # Each scalar is a chart of lines, of SVG or WebGL.
    named_scalars, named_histograms, named_images = (all_named(k) for k in ["scalars", "histograms", "images"])
    look(page, "scalars", "scalars", lambda s: named_scalars(s) and s["drawn"]["svg"] + s["drawn"]["canvas"] >= scalars)
    look(page, "histograms", "histograms", lambda s: named_histograms(s) and s["drawn"]["svg"] >= histograms)
    look(page, "images", "images", lambda s: named_images(s) and s["drawn"]["img"] >= images)
    nodes = [name.split("/")[-1] for name in expected["layers"]]
    look(page, "graphs", "nodes", lambda s: all(any(n in t for t in s["texts"]) for n in nodes) and s["drawn"]["path"] > 3)
    assert not errors, errors
    browser.close()
print(f"the page shows {scalars} scalars, {histograms} histograms, {images} images and the graph")
