//! The order within the layers.

use super::Layers;

/// How often to go down and up.
const SWEEPS: usize = 20;

/// The vertices of each layer in order. Clusters lie in the same order in all layers, and nothing lies between the
/// vertices of one.
pub(super) fn order(layers: &Layers, clusters: usize) -> Vec<Vec<usize>> {
    let n = layers.vertices.len();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layers.count];
    let (mut up, mut down) = (vec![Vec::new(); n], vec![Vec::new(); n]);
    for &(a, b) in &layers.edges {
        down[a].push(b);
        up[b].push(a);
    }
    // To begin with, in the order in which a search finds them.
    let mut seen = vec![false; n];
    for root in 0..n {
        let mut stack = vec![root];
        while let Some(v) = stack.pop() {
            if std::mem::replace(&mut seen[v], true) {
                continue;
            }
            rows[layers.vertices[v].rank].push(v);
            stack.extend(down[v].iter().rev().chain(up[v].iter().rev()).filter(|&&w| !seen[w]));
        }
    }
    let mut now = Order { layers, rows, place: vec![0.0; n] };
    now.number();
    let mut best: Option<(usize, Vec<Vec<usize>>)> = None;
    for sweep in 0..=2 * SWEEPS {
        let keys = now.cluster_keys(clusters);
        for r in 0..layers.count {
            let own = |v: usize, o: &Order| o.place[v];
            now.sort(r, &keys, own);
        }
        now.number();
        let crossings = now.crossings();
        if best.as_ref().is_none_or(|(least, _)| crossings < *least) {
            best = Some((crossings, now.rows.clone()));
        }
        if crossings == 0 {
            break;
        }
        let forward = sweep % 2 == 0;
        let beside = if forward { &up } else { &down };
        for step in 0..layers.count {
            let r = if forward { step } else { layers.count - 1 - step };
            let mean = |v: usize, o: &Order| match beside[v].is_empty() {
                true => o.place[v],
                false => beside[v].iter().map(|&w| o.place[w]).sum::<f32>() / beside[v].len() as f32,
            };
            now.sort(r, &keys, mean);
            now.number_row(r);
        }
    }
    best.map(|(_, rows)| rows).unwrap_or_default()
}

struct Order<'a> {
    layers: &'a Layers,
    rows: Vec<Vec<usize>>,
    /// Places in the rows, counted from the middle.
    place: Vec<f32>,
}

impl Order<'_> {
    fn number(&mut self) {
        (0..self.rows.len()).for_each(|r| self.number_row(r));
    }

    fn number_row(&mut self, r: usize) {
        let middle = (self.rows[r].len() as f32 - 1.0) / 2.0;
        for (i, &v) in self.rows[r].iter().enumerate() {
            self.place[v] = i as f32 - middle;
        }
    }

    /// Where each cluster lies on average, over all layers.
    fn cluster_keys(&self, clusters: usize) -> Vec<f32> {
        let mut sums = vec![(0.0, 0.0f32); clusters];
        for (v, place) in self.layers.vertices.iter().zip(&self.place) {
            for &c in &v.path {
                sums[c] = (sums[c].0 + place, sums[c].1 + 1.0);
            }
        }
        sums.into_iter().map(|(sum, count)| sum / count.max(1.0)).collect()
    }

    /// Orders a row by keys, clusters staying whole.
    fn sort(&mut self, r: usize, clusters: &[f32], key: impl Fn(usize, &Self) -> f32) {
        let keys: Vec<(usize, f32)> = self.rows[r].iter().map(|&v| (v, key(v, self))).collect();
        let mut row = Vec::new();
        self.sorted(&keys, 0, clusters, &mut row);
        self.rows[r] = row;
    }

    fn sorted(&self, all: &[(usize, f32)], depth: usize, clusters: &[f32], out: &mut Vec<usize>) {
        /// A vertex, or a cluster with what lies in it.
        type Part = (f32, Option<usize>, Vec<(usize, f32)>);
        let mut parts: Vec<Part> = Vec::new();
        for &(v, key) in all {
            match self.layers.vertices[v].path.get(depth).copied() {
                Some(c) => match parts.iter_mut().find(|p| p.1 == Some(c)) {
                    Some(part) => part.2.push((v, key)),
                    None => parts.push((clusters[c], Some(c), vec![(v, key)])),
                },
                None => parts.push((key, None, vec![(v, key)])),
            }
        }
        // Clusters of equal keys keep one order in all layers.
        parts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, cluster, members) in parts {
            match cluster {
                Some(_) => self.sorted(&members, depth + 1, clusters, out),
                None => out.push(members[0].0),
            }
        }
    }

    /// How often lines cross each other; crossing a cluster counts more.
    fn crossings(&self) -> usize {
        const CLUSTER: usize = 5;
        // A line from one place to another, and what lies in the cluster that it stands for.
        type Line = (f32, f32, Option<usize>, usize);
        let mut by_rank: Vec<Vec<Line>> = vec![Vec::new(); self.layers.count];
        for (i, &(a, b)) in self.layers.edges.iter().enumerate() {
            by_rank[self.layers.vertices[a].rank].push((self.place[a], self.place[b], None, i));
        }
        for (c, span) in self.layers.spans.iter().enumerate() {
            let Some((first, last)) = *span else { continue };
            let middle = |r: usize| {
                let inside = self.rows[r].iter().filter(|&&v| self.layers.vertices[v].path.contains(&c));
                let (sum, count) = inside.fold((0.0, 0.0f32), |(s, n), &v| (s + self.place[v], n + 1.0));
                sum / count.max(1.0)
            };
            for (r, lines) in by_rank.iter_mut().enumerate().take(last).skip(first) {
                lines.push((middle(r), middle(r + 1), Some(c), usize::MAX));
            }
        }
        let within = |line: &Line, c: usize| {
            let (a, b) = self.layers.edges[line.3];
            [a, b].iter().any(|&v| self.layers.vertices[v].path.contains(&c))
        };
        let mut count = 0;
        for lines in by_rank {
            for (i, e) in lines.iter().enumerate() {
                for f in lines[..i].iter().filter(|f| (e.0 - f.0) * (e.1 - f.1) < 0.0) {
                    count += match (e.2, f.2) {
                        (None, None) => 1,
                        (Some(c), None) if !within(f, c) => CLUSTER,
                        (None, Some(c)) if !within(e, c) => CLUSTER,
                        _ => 0,
                    };
                }
            }
        }
        count
    }
}
