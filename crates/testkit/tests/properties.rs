//! Properties over random shapes: broadcasting, slicing, reshaping, transposing, reducing, gathering, scattering and einsum
//! against loops that visit every place by its coordinates.

use rhyton::ops;
use rhyton::random::Generator;
use rhyton::{Axes, DType, Span, Tensor, TensorIndex};

const ROUNDS: usize = 400;

/// A tensor as the loops see it: sizes, and elements in row-major order.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    shape: Vec<usize>,
    values: Vec<i64>,
}

impl Plain {
    /// The tensor whose element at each place is what `f` says.
    fn new(shape: &[usize], mut f: impl FnMut(&[usize]) -> i64) -> Plain {
        let values = places(shape).iter().map(|p| f(p)).collect();
        Plain { shape: shape.to_vec(), values }
    }

    fn at(&self, place: &[usize]) -> i64 {
        self.values[place.iter().zip(&self.shape).fold(0, |flat, (&i, &n)| flat * n + i)]
    }

    fn tensor(&self) -> Tensor {
        Tensor::from_slice(&self.values, &self.shape).unwrap()
    }

    /// The same elements in a tensor that may lie in another order.
    fn any_view(&self, g: &mut Generator) -> Tensor {
        let x = self.tensor();
        match g.below(3) {
            0 => x,
            1 => {
                let copy = ops::transpose(&x, None).unwrap().to_vec::<i64>().unwrap();
                let reversed: Vec<usize> = self.shape.iter().rev().copied().collect();
                Tensor::from_slice(&copy, &reversed).unwrap().t()
            }
            _ => {
                let copy = ops::flip(&x, ..).unwrap().to_vec::<i64>().unwrap();
                ops::flip(&Tensor::from_slice(&copy, &self.shape).unwrap(), ..).unwrap()
            }
        }
    }
}

/// All places of a shape in row-major order.
fn places(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |all, &n| {
        let extended = |p: &Vec<usize>| (0..n).map(|i| [p.as_slice(), &[i]].concat()).collect::<Vec<_>>();
        all.iter().flat_map(extended).collect()
    })
}

fn shape(g: &mut Generator, highest_rank: usize) -> Vec<usize> {
    (0..g.below(highest_rank + 1)).map(|_| if g.below(15) == 0 { 0 } else { 1 + g.below(4) }).collect()
}

fn random(g: &mut Generator, shape: &[usize]) -> Plain {
    Plain::new(shape, |_| g.below(201) as i64 - 100)
}

#[track_caller]
fn same(got: &Tensor, want: &Plain, what: &str) {
    assert_eq!(got.shape(), want.shape, "{what}");
    assert_eq!(got.to_vec::<i64>().unwrap(), want.values, "{what}");
}

/// A shape that broadcasts to `shape`: axes replaced by 1, axes in front left out.
fn shrunk(g: &mut Generator, shape: &[usize]) -> Vec<usize> {
    let kept = g.below(shape.len() + 1);
    shape[shape.len() - kept..].iter().map(|&n| if g.below(3) == 0 { 1 } else { n }).collect()
}

/// The place of a tensor of shape `small` that is read at `place` of a larger shape.
fn read_at(place: &[usize], small: &[usize]) -> Vec<usize> {
    let lead = place.len() - small.len();
    small.iter().zip(&place[lead..]).map(|(&n, &i)| if n == 1 { 0 } else { i }).collect()
}

#[test]
fn broadcasting() {
    let mut g = Generator::new(11);
    for _ in 0..ROUNDS {
        let full = shape(&mut g, 5);
        let (sa, sb) = (shrunk(&mut g, &full), shrunk(&mut g, &full));
        let (a, b) = (random(&mut g, &sa), random(&mut g, &sb));
        let rank = sa.len().max(sb.len());
        let size = |s: &[usize], axis: usize| (axis + s.len()).checked_sub(rank).map_or(1, |i| s[i]);
        // An axis of size 1 gives way, also to an empty one.
        let meet = |axis| match (size(&sa, axis), size(&sb, axis)) {
            (1, n) => n,
            (n, _) => n,
        };
        let met: Vec<usize> = (0..rank).map(meet).collect();
        let want = Plain::new(&met, |p| a.at(&read_at(p, &sa)) - 3 * b.at(&read_at(p, &sb)));
        let (x, y) = (a.any_view(&mut g), b.any_view(&mut g));
        let got = ops::subtract(&x, &ops::multiply(&y, &Tensor::from(3i64)).unwrap()).unwrap();
        same(&got, &want, &format!("{sa:?} with {sb:?}"));
        let stretched = Plain::new(&met, |p| a.at(&read_at(p, &sa)));
        same(&ops::broadcast_to(&x, &met).unwrap(), &stretched, &format!("{sa:?} to {met:?}"));
    }
}

#[test]
fn slicing() {
    let mut g = Generator::new(12);
    for _ in 0..ROUNDS {
        let s = shape(&mut g, 5);
        let x = random(&mut g, &s);
        let mut index: Vec<TensorIndex> = Vec::new();
        let mut chosen: Vec<Vec<usize>> = Vec::new();
        for &n in &s {
            let (start, stop, step) = (g.below(n + 1), g.below(n + 1), 1 + g.below(3));
            let walk: Vec<usize> = if g.below(2) == 0 {
                index.push(Span::new(start as isize, stop as isize, step as isize).into());
                (start..stop).step_by(step).collect()
            } else {
                // From just above `stop` upwards, then reversed.
                index.push(Span::new(None, stop as isize, -(step as isize)).into());
                (stop + 1..n).rev().step_by(step).collect()
            };
            chosen.push(walk);
        }
        let sizes: Vec<usize> = chosen.iter().map(Vec::len).collect();
        let want = Plain::new(&sizes, |p| {
            x.at(&p.iter().zip(&chosen).map(|(&i, walk)| walk[i]).collect::<Vec<_>>())
        });
        same(&x.any_view(&mut g).i(index.clone()).unwrap(), &want, &format!("{s:?} {index:?}"));
    }
}

#[test]
fn reshaping_and_transposing() {
    let mut g = Generator::new(13);
    for _ in 0..ROUNDS {
        let s = shape(&mut g, 5);
        let x = random(&mut g, &s);
        let view = x.any_view(&mut g);
        let mut order: Vec<usize> = (0..s.len()).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, g.below(i + 1));
        }
        let turned: Vec<usize> = order.iter().map(|&a| s[a]).collect();
        let want = Plain::new(&turned, |p| {
            let mut place = vec![0; p.len()];
            order.iter().zip(p).for_each(|(&a, &i)| place[a] = i);
            x.at(&place)
        });
        let axes: Vec<isize> = order.iter().map(|&a| a as isize).collect();
        let t = ops::transpose(&view, Some(&axes)).unwrap();
        same(&t, &want, &format!("{s:?} {order:?}"));
        // Neighbouring axes joined: the order of the elements does not change.
        let mut joined = turned.clone();
        if joined.len() > 1 {
            let k = g.below(joined.len() - 1);
            let both = joined[k] * joined[k + 1];
            joined.splice(k..k + 2, [both]);
        }
        let flat = Plain { shape: joined.clone(), values: want.values.clone() };
        same(&ops::reshape(&t, &joined).unwrap(), &flat, &format!("{turned:?} to {joined:?}"));
    }
}

#[test]
fn reducing() {
    let mut g = Generator::new(14);
    for _ in 0..ROUNDS {
        let s = shape(&mut g, 4);
        let x = random(&mut g, &s);
        let axes: Vec<isize> = (0..s.len() as isize).filter(|_| g.below(2) == 0).collect();
        let keepdims = g.below(2) == 0;
        let reduced = |a: usize| axes.contains(&(a as isize));
        let kept: Vec<usize> = (0..s.len()).map(|a| if reduced(a) { 1 } else { s[a] }).collect();
        let (mut sums, mut tops) = (vec![0i64; kept.iter().product()], vec![i64::MIN; kept.iter().product()]);
        for p in places(&s) {
            let flat =
                p.iter().enumerate().fold(0, |f, (a, &i)| f * kept[a] + if reduced(a) { 0 } else { i });
            sums[flat] += x.at(&p);
            tops[flat] = tops[flat].max(x.at(&p));
        }
        let left: Vec<usize> = (0..s.len()).filter(|&a| !reduced(a)).map(|a| s[a]).collect();
        let shape = if keepdims { kept } else { left };
        let over = if keepdims { Axes::from(&axes[..]).keepdims() } else { Axes::from(&axes[..]) };
        let view = x.any_view(&mut g);
        let what = format!("{s:?} over {axes:?}");
        let want = Plain { shape: shape.clone(), values: sums };
        same(&ops::sum(&view, over.clone()).unwrap(), &want, &what);
        if axes.iter().all(|&a| s[a as usize] > 0) {
            same(&ops::max(&view, over).unwrap(), &Plain { shape, values: tops }, &what);
        } else {
            assert!(ops::max(&view, over).is_err(), "{what}");
        }
    }
}

#[test]
fn gathering_and_scattering() {
    let mut g = Generator::new(15);
    for round in 0..ROUNDS {
        let mut s = shape(&mut g, 4);
        s.insert(g.below(s.len() + 1), 1 + g.below(5));
        let axis = g.below(s.len());
        if s[axis] == 0 {
            continue;
        }
        let n = s[axis] as i64;
        let x = random(&mut g, &s);
        let at_shape = shape(&mut g, 2);
        let at = Plain::new(&at_shape, |_| g.below(2 * n as usize) as i64 - n);
        let k = at_shape.len();
        let out: Vec<usize> = [&s[..axis], &at_shape, &s[axis + 1..]].concat();
        let source = |p: &[usize]| {
            let chosen = at.at(&p[axis..axis + k]).rem_euclid(n) as usize;
            [&p[..axis], &[chosen], &p[axis + k..]].concat()
        };
        let want = Plain::new(&out, |p| x.at(&source(p)));
        let what = format!("{s:?} axis {axis} at {at:?}");
        let (view, indices) = (x.any_view(&mut g), at.any_view(&mut g));
        same(&ops::take(&view, &indices, axis as isize).unwrap(), &want, &what);

        // The transpose of taking along the first axis: what is taken is added up where it came from.
        if axis == 0 {
            let mut sums = vec![0i64; s.iter().product()];
            for p in places(&out) {
                let flat = source(&p).iter().zip(&s).fold(0, |f, (&i, &n)| f * n + i);
                sums[flat] += want.at(&p);
            }
            let rows = ops::expand_dims(&indices, -1).unwrap();
            let got = ops::scatter(&rows, &want.tensor(), &s).unwrap();
            same(&got, &Plain { shape: s.clone(), values: sums }, &what);
        }

        // One element a place along an axis, and sorting as its inverse.
        let along: Vec<usize> =
            s.iter().enumerate().map(|(a, &m)| if a == axis { round % 4 } else { m }).collect();
        let at = Plain::new(&along, |_| g.below(n as usize) as i64);
        let want = Plain::new(&along, |p| {
            let mut place = p.to_vec();
            place[axis] = at.at(p) as usize;
            x.at(&place)
        });
        let indices = ops::cast(&at.any_view(&mut g), DType::I32).unwrap();
        same(&ops::take_along_axis(&view, &indices, axis as isize).unwrap(), &want, &what);
        let order = ops::argsort(&view, axis as isize).unwrap();
        let sorted = ops::take_along_axis(&view, &order, axis as isize).unwrap();
        assert!(sorted.bit_equal(&ops::sort(&view, axis as isize).unwrap()), "{what}");
    }
}

#[test]
fn multiplying_by_letters() {
    let mut g = Generator::new(16);
    let letters = ['a', 'b', 'c', 'd', 'e'];
    for _ in 0..ROUNDS {
        let sizes: Vec<usize> =
            letters.iter().map(|_| if g.below(15) == 0 { 0 } else { 1 + g.below(3) }).collect();
        // One to three operands; a letter that comes twice in one takes its diagonal.
        let operands: Vec<Vec<usize>> =
            (0..1 + g.below(3)).map(|_| (0..g.below(4)).map(|_| g.below(letters.len())).collect()).collect();
        let mut used: Vec<usize> = operands.concat();
        used.sort_unstable();
        used.dedup();
        let mut out: Vec<usize> = used.iter().copied().filter(|_| g.below(2) == 0).collect();
        for i in (1..out.len()).rev() {
            out.swap(i, g.below(i + 1));
        }
        let shape_of = |of: &[usize]| of.iter().map(|&l| sizes[l]).collect::<Vec<_>>();
        let x: Vec<Plain> = operands.iter().map(|o| random(&mut g, &shape_of(o))).collect();
        let mut want = Plain::new(&shape_of(&out), |_| 0);
        for p in places(&shape_of(&used)) {
            let at = |of: &[usize]| of.iter().map(|l| p[used.binary_search(l).unwrap()]).collect::<Vec<_>>();
            let product: i64 = x.iter().zip(&operands).map(|(x, o)| x.at(&at(o))).product();
            let flat = at(&out).iter().zip(&want.shape).fold(0, |flat, (&i, &n)| flat * n + i);
            want.values[flat] += product;
        }
        let spell = |of: &[usize]| of.iter().map(|&l| letters[l]).collect::<String>();
        let inputs = operands.iter().map(|o| spell(o)).collect::<Vec<_>>().join(",");
        let subscripts = format!("{inputs}->{}", spell(&out));
        let views: Vec<Tensor> = x.iter().map(|x| x.any_view(&mut g)).collect();
        let got = ops::einsum(&subscripts, &views.iter().collect::<Vec<_>>()).unwrap();
        same(&got, &want, &format!("{subscripts} with {sizes:?}"));
    }
}
