//! Places within the layers, and what follows from them.

use super::{Input, Layers, Layout, PAD};
use crate::scene::{Area, Point};

/// Between nodes of a layer, and between lines that pass.
const BESIDE: f32 = 26.0;
const LINES: f32 = 16.0;
/// Between layers.
const BETWEEN: f32 = 34.0;
/// Room around everything.
const MARGIN: f32 = 4.0;
/// Between a heading and a line beside it.
const HEADING_GAP: f32 = 14.0;
/// How often places are made better.
const ROUNDS: usize = 80;

/// What stands in a row: a vertex, or the lower or upper border of a cluster.
#[derive(Clone, Copy)]
enum Part {
    Vertex(usize),
    Low(usize),
    High(usize),
}

struct Places<'a> {
    input: &'a Input,
    layers: &'a Layers,
    rows: Vec<Vec<Part>>,
    /// Of the vertices, then the lower and upper border of each cluster.
    at: Vec<f32>,
    /// `(a, b, gap)`: the least distance from a to b.
    apart: Vec<(usize, usize, f32)>,
    beside: Vec<Vec<(usize, f32)>>,
    /// Vertices that follow one another without forks.
    runs: Vec<Vec<usize>>,
}

pub(super) fn place(input: &Input, layers: &Layers, order: &[Vec<usize>]) -> Layout {
    let n = layers.vertices.len();
    let mut beside = vec![Vec::new(); n];
    let (mut from, mut into) = (vec![0; n], vec![0; n]);
    for &(a, b) in &layers.edges {
        from[a] += 1;
        into[b] += 1;
    }
    let alone = |a: usize, b: usize| from[a] == 1 && into[b] == 1;
    for &(a, b) in &layers.edges {
        // Chains and long lines should be straight.
        let weight = match (layers.vertices[a].real, layers.vertices[b].real) {
            _ if alone(a, b) => 8.0,
            (true, true) => 1.0,
            _ => 2.0,
        };
        beside[a].push((b, weight));
        beside[b].push((a, weight));
    }
    let rows = order.iter().map(|row| with_borders(layers, row)).collect();
    let at = vec![0.0; n + 2 * input.clusters.len()];
    let runs = runs(n, layers.edges.iter().copied().filter(|&(a, b)| alone(a, b)));
    let mut p = Places { input, layers, rows, at, apart: Vec::new(), beside, runs };
    p.find_distances();
    p.begin();
    for round in 0..ROUNDS {
        p.loosen();
        for step in 0..p.rows.len() {
            let row = if round % 2 == 0 { step } else { p.rows.len() - 1 - step };
            p.relax(row);
        }
        if round + 12 >= ROUNDS {
            p.straighten();
        }
    }
    p.tighten();
    p.straighten();
    p.finish()
}

/// The edges put together to runs of two or more vertices.
fn runs(n: usize, edges: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let (mut next, mut follows) = (vec![None; n], vec![false; n]);
    for (a, b) in edges {
        next[a] = Some(b);
        follows[b] = true;
    }
    let run = |v: usize| std::iter::successors(Some(v), |&v| next[v]).collect();
    (0..n).filter(|&v| !follows[v] && next[v].is_some()).map(run).collect()
}

/// A row with the borders of clusters between its vertices.
fn with_borders(layers: &Layers, row: &[usize]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for &v in row {
        let path = &layers.vertices[v].path;
        let common = open.iter().zip(path).take_while(|(a, b)| a == b).count();
        while open.len() > common {
            parts.extend(open.pop().map(Part::High));
        }
        for &c in &path[common..] {
            parts.push(Part::Low(c));
            open.push(c);
        }
        parts.push(Part::Vertex(v));
    }
    while let Some(c) = open.pop() {
        parts.push(Part::High(c));
    }
    parts
}

impl Places<'_> {
    fn index(&self, p: Part) -> usize {
        let n = self.layers.vertices.len();
        match p {
            Part::Vertex(v) => v,
            Part::Low(c) => n + 2 * c,
            Part::High(c) => n + 2 * c + 1,
        }
    }

    fn gap(&self, a: Part, b: Part) -> f32 {
        let half = |p: Part| match p {
            Part::Vertex(v) => self.layers.vertices[v].across / 2.0,
            _ => 0.0,
        };
        let line = |p: Part| matches!(p, Part::Vertex(v) if !self.layers.vertices[v].real);
        let heading = |c: usize| if self.input.horizontal { self.input.clusters[c].heading.1 } else { 0.0 };
        let room = match (a, b) {
            (Part::Low(c), _) => PAD + heading(c),
            (_, Part::High(_)) => PAD,
            (Part::High(_), _) | (_, Part::Low(_)) => LINES,
            _ if line(a) || line(b) => LINES,
            _ => BESIDE,
        };
        half(a) + half(b) + room
    }

    fn find_distances(&mut self) {
        for row in &self.rows {
            for w in row.windows(2) {
                self.apart.push((self.index(w[0]), self.index(w[1]), self.gap(w[0], w[1])));
            }
        }
        if !self.input.horizontal {
            // A heading stands left of the lines that come in beside it.
            for &(a, b) in &self.layers.edges {
                let (from, to) = (&self.layers.vertices[a], &self.layers.vertices[b]);
                let entered = to.path.iter().find(|c| !from.path.contains(c));
                if let Some(&c) = entered.filter(|&&c| self.layers.spans[c].is_some_and(|s| s.0 == to.rank)) {
                    let gap = self.input.clusters[c].heading.0 + PAD + HEADING_GAP;
                    self.apart.push((self.index(Part::Low(c)), b, gap));
                }
            }
        }
        for (c, cluster) in self.input.clusters.iter().enumerate() {
            // The heading fits into its box.
            if self.layers.spans[c].is_some() && !self.input.horizontal {
                let width = cluster.heading.0 + 2.0 * PAD;
                self.apart.push((self.index(Part::Low(c)), self.index(Part::High(c)), width));
            }
        }
    }

    /// As far to the front as distances allow: nothing overlaps.
    fn begin(&mut self) {
        for _ in 0..self.at.len() + 1 {
            let mut moved = false;
            for &(a, b, gap) in &self.apart {
                if self.at[b] < self.at[a] + gap - 1e-3 {
                    self.at[b] = self.at[a] + gap;
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Between which bounds a place may move without others.
    fn bounds(&self) -> Vec<(f32, f32)> {
        let mut bounds = vec![(f32::NEG_INFINITY, f32::INFINITY); self.at.len()];
        for &(a, b, gap) in &self.apart {
            bounds[b].0 = bounds[b].0.max(self.at[a] + gap);
            bounds[a].1 = bounds[a].1.min(self.at[b] - gap);
        }
        bounds
    }

    /// Moves the borders of clusters to the middle of their room, so that both sides may move.
    fn loosen(&mut self) {
        const FREE: f32 = 60.0;
        let n = self.layers.vertices.len();
        for i in n..self.at.len() {
            let (low, high) = self.bounds()[i];
            self.at[i] = match (low.is_finite(), high.is_finite()) {
                (true, true) => (low + high) / 2.0,
                (true, false) => low + FREE,
                (false, true) => high - FREE,
                (false, false) => self.at[i],
            };
        }
    }

    /// Draws the borders of clusters close, inner ones first.
    fn tighten(&mut self) {
        let n = self.layers.vertices.len();
        for c in (0..self.input.clusters.len()).rev() {
            let low = n + 2 * c;
            let (mut first, mut last) = (f32::INFINITY, f32::NEG_INFINITY);
            for &(a, b, gap) in self.apart.iter().filter(|d| d.0 != low || d.1 != low + 1) {
                if a == low {
                    first = first.min(self.at[b] - gap);
                }
                if b == low + 1 {
                    last = last.max(self.at[a] + gap);
                }
            }
            if !first.is_finite() || !last.is_finite() {
                continue;
            }
            let least = match self.input.horizontal {
                true => 0.0,
                false => self.input.clusters[c].heading.0 + 2.0 * PAD,
            };
            // A long heading takes the room that is there, on both sides alike.
            let bounds = self.bounds();
            let extra = (least - (last - first)).max(0.0) / 2.0;
            let from = (first - extra).max(bounds[low].0);
            let to = (from + least).max(last).min(bounds[low + 1].1);
            self.at[low] = (to - least).min(first).max(bounds[low].0);
            self.at[low + 1] = to;
        }
    }

    /// Draws chains and long lines straight, or pieces of them, where nothing is in the way.
    fn straighten(&mut self) {
        for run in self.runs.clone() {
            let mut start = 0;
            while start < run.len() {
                // As many points as have a place in common.
                let bounds = self.bounds();
                let (mut low, mut high) = (f32::NEG_INFINITY, f32::INFINITY);
                let mut end = start;
                while let Some(&v) = run.get(end) {
                    let (l, h) = (low.max(bounds[v].0), high.min(bounds[v].1));
                    // Where neighbours leave no room to move, bounds are equal but for rounding.
                    if l > h + 0.01 {
                        break;
                    }
                    (low, high, end) = (l, h, end + 1);
                }
                if end == start {
                    start += 1;
                    continue;
                }
                let piece = &run[start..end];
                let mean = piece.iter().map(|&v| self.at[v]).sum::<f32>() / piece.len() as f32;
                piece.iter().for_each(|&v| self.at[v] = mean.min(high).max(low));
                start = end;
            }
        }
    }

    /// Moves the vertices of a row between the borders in it, each as near as possible to the mean of its neighbours.
    fn relax(&mut self, row: usize) {
        let parts = self.rows[row].clone();
        let mut start = 0;
        while start < parts.len() {
            let end =
                (start..parts.len()).find(|&i| !matches!(parts[i], Part::Vertex(_))).unwrap_or(parts.len());
            self.relax_run(&parts, start, end);
            start = end + 1;
        }
    }

    /// Isotonic regression: what would overlap moves together.
    fn relax_run(&mut self, parts: &[Part], start: usize, end: usize) {
        // Blocks of (weight, weighted mean, count) of places less the room that those before them take.
        let mut blocks: Vec<(f32, f32, usize)> = Vec::new();
        let mut offsets = Vec::new();
        let mut offset = 0.0;
        for i in start..end {
            if i > start {
                offset += self.gap(parts[i - 1], parts[i]);
            }
            offsets.push(offset);
            let v = self.index(parts[i]);
            let weight: f32 = self.beside[v].iter().map(|b| b.1).sum();
            let (weight, wish) = match weight > 0.0 {
                true => {
                    let sum: f32 = self.beside[v].iter().map(|&(w, k)| k * self.at[w]).sum();
                    (weight, sum / weight)
                }
                false => (0.01, self.at[v]),
            };
            blocks.push((weight, wish - offset, 1));
            while let [.., a, b] = blocks[..] {
                if a.1 <= b.1 {
                    break;
                }
                let weight = a.0 + b.0;
                blocks.truncate(blocks.len() - 2);
                blocks.push((weight, (a.0 * a.1 + b.0 * b.1) / weight, a.2 + b.2));
            }
        }
        if start >= end {
            return;
        }
        let low = start
            .checked_sub(1)
            .map_or(f32::NEG_INFINITY, |i| self.at[self.index(parts[i])] + self.gap(parts[i], parts[start]));
        let high = parts
            .get(end)
            .map_or(f32::INFINITY, |&p| self.at[self.index(p)] - self.gap(parts[end - 1], p) - offset);
        let places = blocks.iter().flat_map(|&(_, place, count)| std::iter::repeat_n(place, count));
        for (i, (place, offset)) in (start..end).zip(places.zip(&offsets)) {
            let v = self.index(parts[i]);
            self.at[v] = place.min(high).max(low) + offset;
        }
    }

    /// The layers' places along, and everything as points.
    fn finish(mut self) -> Layout {
        let (layers, input) = (self.layers, self.input);
        let n = layers.vertices.len();
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for (i, v) in layers.vertices.iter().enumerate() {
            low = low.min(self.at[i] - v.across / 2.0);
            high = high.max(self.at[i] + v.across / 2.0);
        }
        for (c, _) in layers.spans.iter().enumerate().filter(|(_, s)| s.is_some()) {
            low = low.min(self.at[n + 2 * c]);
            high = high.max(self.at[n + 2 * c + 1]);
        }
        self.at.iter_mut().for_each(|x| *x = *x - low + MARGIN);
        let width = high - low + 2.0 * MARGIN;

        // Room before and after a cluster's layers, with the clusters in it that begin or end there too.
        let heading = |c: usize| if input.horizontal { 0.0 } else { input.clusters[c].heading.1 };
        let (mut lead, mut trail) = (vec![0.0f32; input.clusters.len()], vec![0.0f32; input.clusters.len()]);
        for c in (0..input.clusters.len()).rev() {
            let Some((first, last)) = layers.spans[c] else { continue };
            // Heads of arrows have room below a heading.
            lead[c] += PAD + if heading(c) > 0.0 { heading(c) + 9.0 } else { 0.0 };
            trail[c] += PAD;
            if let Some(parent) = input.clusters[c].parent.filter(|&p| p < c)
                && let Some((f, l)) = layers.spans[parent]
            {
                if f == first {
                    lead[parent] = lead[parent].max(lead[c]);
                }
                if l == last {
                    trail[parent] = trail[parent].max(trail[c]);
                }
            }
        }
        let mut sizes = vec![0.0f32; layers.count];
        for v in &layers.vertices {
            sizes[v.rank] = sizes[v.rank].max(v.along);
        }
        let (mut before, mut after) = (vec![0.0f32; layers.count], vec![0.0f32; layers.count]);
        for (c, span) in layers.spans.iter().enumerate() {
            let Some((first, last)) = *span else { continue };
            before[first] = before[first].max(lead[c]);
            after[last] = after[last].max(trail[c]);
        }
        let labelled = input.links.iter().any(|l| l.label.is_some());
        let between = if labelled { BETWEEN / 2.0 } else { BETWEEN };
        let mut tops = Vec::new();
        let mut along = MARGIN;
        for r in 0..layers.count {
            along += before[r];
            tops.push(along);
            along += sizes[r] + after[r] + if r + 1 < layers.count { between } else { MARGIN };
        }
        let point =
            |across: f32, along: f32| if input.horizontal { (along, across) } else { (across, along) };
        let middle = |v: usize| {
            let r = layers.vertices[v].rank;
            tops[r] + sizes[r] / 2.0
        };
        let mut l = Layout { size: point(width, along), ..Layout::default() };
        l.centers = (0..input.items.len()).map(|v| point(self.at[v], middle(v))).collect();
        l.areas = layers
            .spans
            .iter()
            .enumerate()
            .map(|(c, span)| {
                let (first, last) = (*span)?;
                let (x0, x1) = (self.at[n + 2 * c], self.at[n + 2 * c + 1]);
                let (y0, y1) = (tops[first] - lead[c], tops[last] + sizes[last] + trail[c]);
                let (a, b) = (point(x0, y0), point(x1, y1));
                Some(Area { x: a.0, y: a.1, w: b.0 - a.0, h: b.1 - a.1 })
            })
            .collect();
        // Beside nodes a line goes straight; between layers, and where only labels are, it may slant.
        let mut full = vec![false; layers.count];
        layers.vertices.iter().filter(|v| v.real).for_each(|v| full[v.rank] = true);
        let through = |v: usize| {
            let r = layers.vertices[v].rank;
            if full[r] { sizes[r] / 2.0 } else { 0.0 }
        };
        // A line that goes into a cluster goes straight below its heading.
        let enters = |v: usize, before: usize| {
            let (path, outside) = (&layers.vertices[v].path, &layers.vertices[before].path);
            let c = *path.iter().find(|c| !outside.contains(c))?;
            let first = layers.spans[c]?.0 == layers.vertices[v].rank;
            (first && heading(c) > 0.0).then(|| tops[layers.vertices[v].rank] - lead[c])
        };
        let ports = self.ports();
        for (i, (chain, bears)) in layers.chains.iter().enumerate() {
            let (paths, label) = self.path(chain, *bears, ports[i], &middle, &through, &enters);
            l.paths.push(paths.into_iter().map(|(x, y)| point(x, y)).collect());
            l.labels.push(label.map(|(x, y)| point(x, y)));
        }
        l
    }

    /// How far from the middle of their nodes each edge begins and ends: side by side, in the order of where they lead.
    fn ports(&self) -> Vec<(f32, f32)> {
        let mut ports = vec![(0.0, 0.0); self.layers.chains.len()];
        for v in 0..self.input.items.len() {
            // Lines that lead back share a side with lines that lead on.
            for forward in [true, false] {
                let mut here: Vec<(f32, usize, bool)> = Vec::new();
                for (i, (chain, _)) in self.layers.chains.iter().enumerate().filter(|(_, c)| c.0.len() > 1) {
                    let last = chain.len() - 1;
                    for (end, next, begins) in
                        [(chain[0], chain[1], true), (chain[last], chain[last - 1], false)]
                    {
                        let ahead = self.layers.vertices[next].rank > self.layers.vertices[end].rank;
                        if end == v && ahead == forward {
                            here.push((self.at[next], i, begins));
                        }
                    }
                }
                here.sort_by(|a, b| a.0.total_cmp(&b.0));
                let room = self.layers.vertices[v].across * 0.7;
                let step = (room / here.len().max(1) as f32).min(18.0);
                for (k, &(_, i, begins)) in here.iter().enumerate() {
                    let shift = (k as f32 - (here.len() as f32 - 1.0) / 2.0) * step;
                    if begins { ports[i].0 = shift } else { ports[i].1 = shift }
                }
            }
        }
        ports
    }

    /// The points of an edge, across and along, and the middle of its label.
    fn path(
        &self,
        chain: &[usize],
        bears: Option<usize>,
        ports: (f32, f32),
        middle: &dyn Fn(usize) -> f32,
        through: &dyn Fn(usize) -> f32,
        enters: &dyn Fn(usize, usize) -> Option<f32>,
    ) -> (Vec<Point>, Option<Point>) {
        let half = |v: usize| self.layers.vertices[v].along / 2.0;
        let (first, last) = (chain[0], chain[chain.len() - 1]);
        if chain.len() == 1 {
            return (Vec::new(), None);
        }
        // An edge that was turned round leads back.
        let sign = (middle(last) - middle(first)).signum();
        let mut points = vec![(self.at[first] + ports.0, middle(first) + sign * half(first))];
        for &v in &chain[1..chain.len() - 1] {
            let through = through(v);
            points.push((self.at[v], middle(v) - sign * through));
            if through > 0.0 {
                points.push((self.at[v], middle(v) + sign * through));
            }
        }
        let end = self.at[last] + ports.1;
        if let Some(border) = enters(last, chain[chain.len() - 2]).filter(|_| sign > 0.0) {
            points.push((end, border));
        }
        points.push((end, middle(last) - sign * half(last)));
        let label = bears.map(|i| (self.at[chain[i]], middle(chain[i])));
        (points, label)
    }
}
