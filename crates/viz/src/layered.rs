//! Layout of directed graphs in layers: every edge leads to a later layer, nodes of a cluster lie in a box of their
//! own.
//!
//! 1. Layers by the longest path. Edges over several layers pass through a point in each between.
//! 2. Order within the layers by barycentres, back and forth, keeping the order with the fewest crossings.
//! 3. Places by least squares: each node near the mean of its neighbours, at a distance from those beside it.
//!
//! Inside this file "along" is the direction from layer to layer and "across" the one within a layer; only the result
//! knows which is which.

mod order;
mod place;
mod rank;

use crate::scene::{Area, Point};

/// A node: its size, and the innermost cluster it lies in.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub size: Point,
    pub cluster: Option<usize>,
}

/// An edge, and the size of its label.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub from: usize,
    pub to: usize,
    pub label: Option<Point>,
}

/// A cluster: the one around it, which comes before it in the list, and the size of its heading.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub parent: Option<usize>,
    pub heading: Point,
}

/// What is laid out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pub items: Vec<Item>,
    pub links: Vec<Link>,
    pub clusters: Vec<Cluster>,
    /// Layers from left to right instead of from top to bottom.
    pub horizontal: bool,
}

/// Where everything lies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// The middle of each node.
    pub centers: Vec<Point>,
    /// The points that each edge passes, from border to border.
    pub paths: Vec<Vec<Point>>,
    /// The middle of each label.
    pub labels: Vec<Option<Point>>,
    /// The boxes of the clusters; `None` for those without nodes.
    pub areas: Vec<Option<Area>>,
    pub size: Point,
}

/// Between the border of a cluster and what is in it.
const PAD: f32 = 10.0;

/// A node, a point of an edge, or a place kept free in a layer of a cluster.
struct Vertex {
    rank: usize,
    /// Size across and along.
    across: f32,
    along: f32,
    /// The clusters around it, outermost first.
    path: Vec<usize>,
    real: bool,
}

/// A graph in which every edge leads to the next layer.
struct Layers {
    vertices: Vec<Vertex>,
    /// Edges between neighbouring layers.
    edges: Vec<(usize, usize)>,
    /// For each link, its vertices from start to end, and which of them bears the label.
    chains: Vec<(Vec<usize>, Option<usize>)>,
    /// First and last layer of each cluster.
    spans: Vec<Option<(usize, usize)>>,
    count: usize,
}

/// Lays a graph out.
pub(crate) fn layout(input: &Input) -> Layout {
    if input.items.is_empty() {
        return Layout { areas: vec![None; input.clusters.len()], ..Layout::default() };
    }
    let layers = rank::layers(input);
    let order = order::order(&layers, input.clusters.len());
    place::place(input, &layers, &order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(cluster: Option<usize>) -> Item {
        Item { size: (80.0, 30.0), cluster }
    }

    fn overlap(a: &Area, b: &Area) -> bool {
        a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
    }

    fn boxes(input: &Input, l: &Layout) -> Vec<Area> {
        let of = |(i, &(x, y)): (&Item, &Point)| {
            let (w, h) = i.size;
            Area { x: x - w / 2.0, y: y - h / 2.0, w, h }
        };
        input.items.iter().zip(&l.centers).map(of).collect()
    }

    /// A graph with many edges drawn from a formula, with clusters in it.
    fn tangled(n: usize, horizontal: bool) -> Input {
        let mut input = Input { horizontal, ..Input::default() };
        input.clusters =
            [None, None, Some(1), None].map(|parent| Cluster { parent, heading: (60.0, 14.0) }).to_vec();
        for i in 0..n {
            let cluster = match i % 7 {
                0 | 1 => Some((i / 7) % 4),
                _ => None,
            };
            input.items.push(item(cluster));
            for k in 1..3 {
                let from = (i * 31 + k * 17) % i.max(1);
                if i > 0 {
                    let label = (k == 1).then_some((30.0, 12.0));
                    input.links.push(Link { from, to: i, label });
                }
            }
        }
        input
    }

    #[test]
    fn nothing_overlaps() {
        for n in [1, 2, 5, 20, 60, 300] {
            for horizontal in [false, true] {
                let input = tangled(n, horizontal);
                let l = layout(&input);
                let all = boxes(&input, &l);
                for i in 0..n {
                    for j in 0..i {
                        assert!(
                            !overlap(&all[i], &all[j]),
                            "{n}: nodes {i} and {j}: {:?} {:?}",
                            all[i],
                            all[j]
                        );
                    }
                    // Inside its clusters, outside of all others.
                    let mut own = Vec::new();
                    let mut at = input.items[i].cluster;
                    while let Some(c) = at {
                        own.push(c);
                        at = input.clusters[c].parent;
                    }
                    for (c, area) in l.areas.iter().enumerate() {
                        let Some(area) = area else { continue };
                        let a = &all[i];
                        let inside = a.x >= area.x
                            && a.y >= area.y
                            && a.x + a.w <= area.x + area.w + 0.1
                            && a.y + a.h <= area.y + area.h + 0.1;
                        assert_eq!(inside, own.contains(&c), "{n}: node {i} and cluster {c}: {a:?} {area:?}");
                        assert!(own.contains(&c) || !overlap(a, area), "{n}: node {i} and cluster {c}");
                    }
                    assert!(all[i].x >= 0.0 && all[i].x + all[i].w <= l.size.0 + 0.1);
                    assert!(all[i].y >= 0.0 && all[i].y + all[i].h <= l.size.1 + 0.1);
                }
            }
        }
    }

    #[test]
    fn circles_are_laid_out_too() {
        let link = |from, to| Link { from, to, label: None };
        let links = vec![link(0, 1), link(1, 2), link(2, 0), link(1, 1)];
        let l = layout(&Input { items: vec![item(None); 3], links, ..Input::default() });
        assert_eq!(l.paths.len(), 4);
        assert!(l.centers[0].1 < l.centers[1].1 && l.centers[1].1 < l.centers[2].1);
    }
}
