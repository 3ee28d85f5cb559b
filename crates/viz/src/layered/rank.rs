//! Layers, and edges from each to the next.

use super::{Input, Layers, Vertex};

/// The layers of the items; labels get layers between.
fn ranks(input: &Input) -> (Vec<usize>, Vec<bool>) {
    let n = input.items.len();
    let mut out: Vec<Vec<(usize, usize)>> = vec![Vec::new(); n];
    for (i, l) in input.links.iter().enumerate() {
        out[l.from].push((i, l.to));
    }
    // Edges that close a circle are turned round: a search in depth finds them.
    let mut turned = vec![false; input.links.len()];
    let mut state = vec![0u8; n];
    let mut finished = Vec::new();
    for root in 0..n {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut stack = vec![(root, 0)];
        while let Some((v, next)) = stack.pop() {
            match out[v].get(next) {
                Some(&(link, to)) => {
                    stack.push((v, next + 1));
                    match state[to] {
                        0 => {
                            state[to] = 1;
                            stack.push((to, 0));
                        }
                        1 => turned[link] = true,
                        _ => {}
                    }
                }
                None => {
                    state[v] = 2;
                    finished.push(v);
                }
            }
        }
    }
    let ends = |i: usize| {
        let l = &input.links[i];
        if turned[i] { (l.to, l.from) } else { (l.from, l.to) }
    };
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut from: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (i, l) in input.links.iter().enumerate().filter(|(_, l)| l.from != l.to) {
        let (a, b) = ends(i);
        debug_assert!(a != b, "{l:?} is no loop");
        into[b].push(a);
        from[a].push(b);
    }
    // In the order in which the search finished, reversed, every node comes after those that lead to it, except
    // along turned edges; going through it until nothing changes covers these.
    let mut rank = vec![0usize; n];
    for _ in 0..n.max(1) {
        let mut changed = false;
        for &v in finished.iter().rev() {
            let least = into[v].iter().map(|&u| rank[u] + 1).max().unwrap_or(0);
            changed |= least > rank[v];
            rank[v] = rank[v].max(least);
        }
        if !changed {
            break;
        }
    }
    // What nothing leads to moves up to what it leads to.
    for v in 0..n {
        if into[v].is_empty()
            && let Some(first) = from[v].iter().map(|&w| rank[w]).min()
        {
            rank[v] = first.saturating_sub(1);
        }
    }
    (rank, turned)
}

/// The clusters around an innermost one, outermost first.
fn path(input: &Input, cluster: Option<usize>) -> Vec<usize> {
    let mut path = Vec::new();
    let mut at = cluster;
    while let Some(c) = at {
        path.push(c);
        at = input.clusters.get(c).and_then(|k| k.parent).filter(|&p| p < c);
    }
    path.reverse();
    path
}

/// Every edge cut into pieces from layer to layer.
pub(super) fn layers(input: &Input) -> Layers {
    let (mut rank, turned) = ranks(input);
    if input.links.iter().any(|l| l.label.is_some()) {
        rank.iter_mut().for_each(|r| *r *= 2);
    }
    let flip = |(w, h): (f32, f32)| if input.horizontal { (h, w) } else { (w, h) };
    let mut vertices: Vec<Vertex> = Vec::new();
    for (item, &rank) in input.items.iter().zip(&rank) {
        let (across, along) = flip(item.size);
        vertices.push(Vertex { rank, across, along, path: path(input, item.cluster), real: true });
    }
    let mut edges = Vec::new();
    let mut chains = Vec::new();
    for (i, l) in input.links.iter().enumerate() {
        if l.from == l.to {
            chains.push((vec![l.from], None));
            continue;
        }
        let (a, b) = if turned[i] { (l.to, l.from) } else { (l.from, l.to) };
        let (first, last) = (rank[a], rank[b]);
        let common: Vec<usize> = vertices[a]
            .path
            .iter()
            .zip(&vertices[b].path)
            .take_while(|(p, q)| p == q)
            .map(|(p, _)| *p)
            .collect();
        let middle = (first + last) / 2;
        let mut chain = vec![a];
        let mut bears = None;
        for r in first + 1..last {
            let (mut across, mut along) = (0.0, 0.0);
            if r == middle.max(first + 1)
                && let Some(size) = l.label
            {
                (across, along) = flip(size);
                bears = Some(chain.len());
            }
            vertices.push(Vertex { rank: r, across, along, path: common.clone(), real: false });
            chain.push(vertices.len() - 1);
        }
        chain.push(b);
        edges.extend(chain.windows(2).map(|w| (w[0], w[1])));
        if turned[i] {
            chain.reverse();
            bears = bears.map(|at| chain.len() - 1 - at);
        }
        chains.push((chain, bears));
    }
    // A cluster has a place in each of its layers.
    let mut spans: Vec<Option<(usize, usize)>> = vec![None; input.clusters.len()];
    for v in &vertices {
        for &c in &v.path {
            let (low, high) = spans[c].unwrap_or((v.rank, v.rank));
            spans[c] = Some((low.min(v.rank), high.max(v.rank)));
        }
    }
    for (c, span) in spans.iter().enumerate() {
        let Some((low, high)) = *span else { continue };
        for rank in low..=high {
            if !vertices.iter().any(|v| v.rank == rank && v.path.contains(&c)) {
                vertices.push(Vertex {
                    rank,
                    across: 0.0,
                    along: 0.0,
                    path: path(input, Some(c)),
                    real: false,
                });
            }
        }
    }
    let count = vertices.iter().map(|v| v.rank).max().unwrap_or(0) + 1;
    Layers { vertices, edges, chains, spans, count }
}
