//! Graphs: nodes in layers, edges with arrow heads, clusters as boxes.

use crate::color::Color;
use crate::font;
use crate::layered::{self, Cluster, Input, Item, Link};
use crate::output::{SCALE, figure_methods};
use crate::scene::{Anchor, Area, Mark, Point, Scene};
use rhyton_base::{Diagram, DiagramNode, Error, NodeKind, Result};

/// A graph: a computation, a compiled function, a model.
///
/// ```
/// use rhyton_base::{Diagram, NodeKind};
/// use rhyton_viz::GraphPlot;
/// let mut d = Diagram::new("");
/// let (x, y) = (d.node("x", NodeKind::Input), d.node("square", NodeKind::Output));
/// d.edge(x, y, "2x");
/// assert!(GraphPlot::new(&d).to_svg()?.contains("square"));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GraphPlot {
    diagram: Diagram,
    title: String,
    horizontal: bool,
    scale: f32,
}

figure_methods!(GraphPlot, "GraphPlot");

const LABEL: f32 = 13.0;
const DETAIL: f32 = 10.5;
const MARGIN: f32 = 12.0;
const TITLE: f32 = 16.0;
/// The longest label shown whole, in letters.
const LONGEST: usize = 60;
const ARROW: f32 = 7.0;
const EDGE: Color = Color::rgb(105, 112, 122);
const FAINT: Color = Color::rgb(90, 96, 104);

/// Inside and border of a node.
fn colors(kind: NodeKind) -> (Color, Color) {
    match kind {
        NodeKind::Input => (Color::rgb(232, 245, 233), Color::rgb(67, 140, 80)),
        NodeKind::Variable => (Color::rgb(255, 243, 224), Color::rgb(214, 127, 28)),
        NodeKind::Constant => (Color::rgb(243, 243, 243), Color::rgb(150, 150, 150)),
        NodeKind::Operation => (Color::rgb(232, 240, 250), Color::rgb(52, 110, 170)),
        NodeKind::Output => (Color::rgb(243, 232, 248), Color::rgb(130, 72, 156)),
    }
}

/// The text, cut where it is very long.
fn cut(text: &str) -> String {
    match text.chars().count() > LONGEST {
        true => text.chars().take(LONGEST - 1).chain(['…']).collect(),
        false => text.to_string(),
    }
}

/// A line, or several where it lists more shapes than fit into one.
fn broken(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_inclusive("), ") {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.chars().count() + piece.chars().count() <= LONGEST => {
                line.push_str(piece);
            }
            _ => lines.push(piece.to_string()),
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_string()).collect()
}

fn node_size(n: &DiagramNode) -> Point {
    let details: Vec<String> = n.details.iter().map(|d| cut(d)).collect();
    let width = font::width(&cut(&n.label), LABEL).max(font::widest(&details, DETAIL));
    let height = font::height(1, LABEL) + font::height(details.len(), DETAIL);
    ((width + 22.0).max(44.0).ceil(), (height + 10.0).ceil())
}

impl GraphPlot {
    /// A picture of a graph, layers from top to bottom.
    pub fn new(diagram: &Diagram) -> GraphPlot {
        let mut diagram = diagram.clone();
        for n in &mut diagram.nodes {
            n.details = n.details.iter().flat_map(|d| broken(d)).collect();
        }
        GraphPlot { diagram, title: String::new(), horizontal: false, scale: SCALE }
    }

    /// The heading.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> GraphPlot {
        self.title = title.into();
        self
    }

    /// Layers from left to right.
    #[must_use]
    pub fn left_to_right(mut self) -> GraphPlot {
        self.horizontal = true;
        self
    }

    fn check(&self) -> Result<()> {
        let d = &self.diagram;
        if d.nodes.is_empty() {
            return Err(Error::state("there is nothing to draw; the graph has no nodes"));
        }
        let nodes = d.nodes.len();
        for e in &d.edges {
            if e.from >= nodes || e.to >= nodes {
                let fact = format!("an edge from node {} to node {} of {nodes}", e.from, e.to);
                return Err(Error::value(fact));
            }
        }
        let of_nodes = d.nodes.iter().filter_map(|n| n.cluster);
        if let Some(c) = of_nodes.into_iter().find(|&c| c >= d.clusters.len()) {
            return Err(Error::value(format!("a node in cluster {c} of {}", d.clusters.len())));
        }
        match d.clusters.iter().enumerate().find(|(i, c)| c.parent.is_some_and(|p| p >= *i)) {
            Some((i, _)) => Err(Error::value(format!("cluster {i} comes before the cluster around it"))),
            None => Ok(()),
        }
    }

    fn input(&self) -> Input {
        let d = &self.diagram;
        let item = |n: &DiagramNode| Item { size: node_size(n), cluster: n.cluster };
        let size = |text: &str| (font::width(text, DETAIL) + 8.0, font::height(1, DETAIL) + 2.0);
        Input {
            items: d.nodes.iter().map(item).collect(),
            links: d
                .edges
                .iter()
                .map(|e| Link {
                    from: e.from,
                    to: e.to,
                    label: (!e.label.is_empty()).then(|| size(&cut(&e.label))),
                })
                .collect(),
            clusters: d
                .clusters
                .iter()
                .map(|c| Cluster {
                    parent: c.parent,
                    heading: (font::width(&cut(&c.label), DETAIL), font::height(1, DETAIL)),
                })
                .collect(),
            horizontal: self.horizontal,
        }
    }

    fn scene(&self) -> Result<Scene> {
        self.check()?;
        let l = layered::layout(&self.input());
        let title = font::wrap(&self.title, TITLE, l.size.0.max(300.0));
        let top = MARGIN + if title.is_empty() { 0.0 } else { font::height(title.len(), TITLE) + 8.0 };
        let width = l.size.0.max(font::widest(&title, TITLE)) + 2.0 * MARGIN;
        let mut scene = Scene::new(width, l.size.1 + top + MARGIN);
        scene.lines(width / 2.0, MARGIN, &title, TITLE, Color::BLACK);
        let left = (width - l.size.0) / 2.0;
        let at = |(x, y): Point| (x + left, y + top);

        for (i, area) in l.areas.iter().enumerate() {
            let Some(a) = area else { continue };
            let (x, y) = at((a.x, a.y));
            let outline = rounded(Area { x, y, w: a.w, h: a.h }, 6.0);
            scene.marks.push(Mark::Shape { points: outline.clone(), color: self.shade(i) });
            let border = Color::rgb(190, 196, 204);
            scene.marks.push(Mark::Line { points: closed(outline), width: 1.0, color: border, dash: None });
        }
        let points = |path: &Vec<Point>| path.iter().map(|&p| at(p)).collect::<Vec<_>>();
        let lines: Vec<Vec<Point>> = l.paths.iter().filter(|p| p.len() > 1).map(points).collect();
        lines.iter().for_each(|points| self.arrow(&mut scene, points));
        // Headings stand over the lines.
        for (i, (area, c)) in l.areas.iter().zip(&self.diagram.clusters).enumerate() {
            let Some((x, y)) = area.map(|a| at((a.x, a.y))) else { continue };
            let text = cut(&c.label);
            let width = font::width(&text, DETAIL);
            let at_left = Area { x: x + 7.0, y: y + 4.0, w: width + 6.0, h: DETAIL + 4.0 };
            let right = area.map_or(x, |a| x + a.w) - width - 13.0;
            let at_right = Area { x: right, ..at_left };
            // On the side where no line comes in, if there is one.
            let free = |place: &Area| !lines.iter().any(|line| passes(line, place));
            let paper = if free(&at_left) || !free(&at_right) { at_left } else { at_right };
            scene.marks.push(Mark::Fill { area: paper, color: self.shade(i) });
            let start = (paper.x + 3.0, (y + 5.0 + DETAIL).round());
            scene.text(start, &text, DETAIL, Anchor::Start, FAINT);
        }
        for (e, label) in self.diagram.edges.iter().zip(&l.labels) {
            let Some((x, y)) = label.map(at) else { continue };
            let text = cut(&e.label);
            let (w, h) = (font::width(&text, DETAIL) + 4.0, font::height(1, DETAIL));
            let area = Area { x: x - w / 2.0, y: y - h / 2.0, w, h };
            scene.marks.push(Mark::Fill { area, color: self.paper(e.from, e.to) });
            scene.text((x, y + 0.36 * DETAIL), &text, DETAIL, Anchor::Middle, Color::RED);
        }
        for (n, &center) in self.diagram.nodes.iter().zip(&l.centers) {
            self.node(&mut scene, n, at(center));
        }
        Ok(scene)
    }

    /// What is behind an edge from one node to another.
    fn paper(&self, from: usize, to: usize) -> Color {
        let around = |node: usize| {
            std::iter::successors(self.diagram.nodes[node].cluster, |&c| self.diagram.clusters[c].parent)
        };
        let common = around(from).find(|c| around(to).any(|d| d == *c));
        common.map_or(Color::WHITE, |c| self.shade(c))
    }

    /// The inside of a cluster's box: darker and lighter in turn.
    fn shade(&self, cluster: usize) -> Color {
        match self.depth(cluster) % 2 {
            0 => Color::rgb(248, 249, 251),
            _ => Color::rgb(238, 241, 245),
        }
    }

    fn depth(&self, cluster: usize) -> usize {
        let mut depth = 0;
        let mut at = self.diagram.clusters[cluster].parent;
        while let Some(c) = at {
            depth += 1;
            at = self.diagram.clusters[c].parent;
        }
        depth
    }

    fn node(&self, scene: &mut Scene, n: &DiagramNode, (x, y): Point) {
        let (w, h) = node_size(n);
        let (inside, border) = colors(n.kind);
        let area = Area { x: x - w / 2.0, y: y - h / 2.0, w, h };
        let radius = match n.kind {
            NodeKind::Operation | NodeKind::Output => 5.0,
            _ => (h / 2.0).min(14.0),
        };
        let outline = rounded(area, radius);
        scene.marks.push(Mark::Shape { points: outline.clone(), color: inside });
        scene.marks.push(Mark::Line { points: closed(outline), width: 1.25, color: border, dash: None });
        let mut top = area.y + 5.0;
        let mut line = |scene: &mut Scene, text: &str, size: f32, color: Color| {
            scene.text((x, top + size), &cut(text), size, Anchor::Middle, color);
            top += font::height(1, size);
        };
        line(scene, &n.label, LABEL, Color::BLACK);
        for d in &n.details {
            line(scene, d, DETAIL, FAINT);
        }
    }

    /// A smooth line through the points, leaving and arriving along the layers' direction, with a head.
    fn arrow(&self, scene: &mut Scene, points: &[Point]) {
        const STEPS: usize = 14;
        let along = |p: Point| if self.horizontal { p.0 } else { p.1 };
        let last = points[points.len() - 1];
        let sign = (along(last) - along(points[points.len() - 2])).signum();
        let back = |p: Point, by: f32| match self.horizontal {
            true => (p.0 - sign * by, p.1),
            false => (p.0, p.1 - sign * by),
        };
        let mut ends = points.to_vec();
        let tail = ends.len() - 1;
        ends[tail] = back(last, ARROW);
        let across = |p: Point| if self.horizontal { p.1 } else { p.0 };
        // A cubic between each two points, as steep in both where they meet, and never past a point.
        let steepness = |w: &[Point]| (across(w[1]) - across(w[0])) / (along(w[1]) - along(w[0]));
        let secants: Vec<f32> = ends.windows(2).map(steepness).collect();
        let slope = |i: usize| {
            if i == 0 || i == secants.len() {
                return 0.0;
            }
            let (a, b) = (secants[i - 1], secants[i]);
            if a * b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
        };
        let mut line = vec![ends[0]];
        for (i, w) in ends.windows(2).enumerate() {
            let (length, m, n) = (along(w[1]) - along(w[0]), slope(i), slope(i + 1));
            for step in 1..=STEPS {
                let t = step as f32 / STEPS as f32;
                let s = 1.0 - t;
                let x = s * s * (1.0 + 2.0 * t) * across(w[0])
                    + t * t * (1.0 + 2.0 * s) * across(w[1])
                    + s * t * length * (s * m - t * n);
                let y = along(w[0]) + t * length;
                line.push(if self.horizontal { (y, x) } else { (x, y) });
            }
        }
        scene.marks.push(Mark::Line { points: line, width: 1.25, color: EDGE, dash: None });
        let base = back(last, ARROW + 0.5);
        let wing = |side: f32| match self.horizontal {
            true => (base.0, base.1 + side),
            false => (base.0 + side, base.1),
        };
        scene
            .marks
            .push(Mark::Shape { points: vec![last, wing(ARROW * 0.45), wing(-ARROW * 0.45)], color: EDGE });
    }
}

/// Whether a line goes through an area.
fn passes(line: &[Point], area: &Area) -> bool {
    const STEPS: usize = 32;
    let inside =
        |(x, y): Point| (area.x..=area.x + area.w).contains(&x) && (area.y..=area.y + area.h).contains(&y);
    line.windows(2).any(|w| {
        (0..=STEPS).any(|i| {
            let t = i as f32 / STEPS as f32;
            inside((w[0].0 + t * (w[1].0 - w[0].0), w[0].1 + t * (w[1].1 - w[0].1)))
        })
    })
}

fn closed(mut points: Vec<Point>) -> Vec<Point> {
    // Once more along the first piece, so that the joint is round.
    points.extend_from_within(..2);
    points
}

/// The outline of an area with round corners.
fn rounded(a: Area, radius: f32) -> Vec<Point> {
    const STEPS: usize = 6;
    let r = radius.min(a.w / 2.0).min(a.h / 2.0);
    let corners = [
        (a.x + a.w - r, a.y + r, -90.0f32),
        (a.x + a.w - r, a.y + a.h - r, 0.0),
        (a.x + r, a.y + a.h - r, 90.0),
        (a.x + r, a.y + r, 180.0),
    ];
    let arc = |(x, y, from): (f32, f32, f32)| {
        (0..=STEPS).map(move |i| {
            let angle = (from + 90.0 * i as f32 / STEPS as f32).to_radians();
            (x + r * angle.cos(), y + r * angle.sin())
        })
    };
    corners.into_iter().flat_map(arc).collect()
}
