//! Indexing against NumPy (the cases of golden/index.txt, which golden/make_golden.py writes), against a model that
//! counts places one by one, and its gradients.

use rhyton_runtime::Generator;
use rhyton_tensor::{Ellipsis, GradientTape, NewAxis, Sections, Span, Tensor, TensorIndex, every, ops};

fn arange(shape: &[usize]) -> Tensor {
    let n: usize = shape.iter().product();
    Tensor::from_slice(&(0..n as i32).collect::<Vec<_>>(), shape).unwrap()
}

fn values(x: &Tensor) -> Vec<i32> {
    x.to_vec().unwrap()
}

fn numbers(text: &str) -> Vec<usize> {
    text.split(',').filter(|n| *n != "-").map(|n| n.parse().unwrap()).collect()
}

/// One part of an index in Python's notation.
fn part(text: &str) -> TensorIndex {
    match text {
        "None" => NewAxis.into(),
        "..." => Ellipsis.into(),
        _ if text.contains(':') => {
            let ends: Vec<Option<isize>> = text.split(':').map(|n| n.parse().ok()).collect();
            Span::new(ends[0], ends[1], ends.get(2).copied().flatten().unwrap_or(1)).into()
        }
        _ => text.parse::<isize>().unwrap().into(),
    }
}

#[test]
fn indexes_as_numpy_does() {
    let cases = include_str!("golden/index.txt");
    assert!(cases.lines().count() > 90);
    for case in cases.lines() {
        let (given, expected) = case.split_once(" -> ").unwrap();
        let (shape, expression) = given.split_once(' ').unwrap();
        let x = arange(&numbers(shape));
        let y = x.i(expression.split(',').map(part).collect::<Vec<_>>());
        match (expected.split_once(' '), y) {
            (None, Err(_)) => {}
            (Some((shape, elements)), Ok(y)) => {
                assert_eq!(y.shape(), numbers(shape), "{case}");
                assert_eq!(
                    values(&y),
                    numbers(elements).iter().map(|&n| n as i32).collect::<Vec<_>>(),
                    "{case}"
                );
            }
            (_, y) => panic!("{case}: got {y:?}"),
        }
    }
}

/// The notation itself: literals need no suffix, and integers of several types serve.
#[test]
#[expect(
    clippy::reversed_empty_ranges,
    reason = "a negative step walks from a later place to an earlier one"
)]
fn takes_every_kind_of_index() {
    let x = arange(&[4, 5]);
    assert_eq!(values(&x.i((3, ..)).unwrap()), [15, 16, 17, 18, 19]);
    assert_eq!(values(&x.i((-1, -1)).unwrap()), [19]);
    assert_eq!(values(&x.i((..2, 1..3)).unwrap()), [1, 2, 6, 7]);
    assert_eq!(values(&x.i((2.., -1..)).unwrap()), [14, 19]);
    assert_eq!(values(&x.i((0..=1, ..=1)).unwrap()), [0, 1, 5, 6]);
    assert_eq!(values(&x.i((-1..=-1, ..=-4)).unwrap()), [15, 16]);
    assert_eq!(values(&x.i((0, every(..=2, -1))).unwrap()), [4, 3, 2]);
    assert_eq!(values(&x.i((0, every(2..=0, -1))).unwrap()), [2, 1, 0]);
    assert_eq!(values(&x.i((0, every(-2..=-4, -1))).unwrap()), [3, 2, 1]);
    assert_eq!(values(&x.i((0, every(1..=3, 2))).unwrap()), [1, 3]);
    assert_eq!(values(&x.i((0, every(3..0, -1))).unwrap()), [3, 2, 1]);
    assert_eq!(every(-9..7, 3), Span::new(-9, 7, 3));
    assert_eq!(every(.., -2), Span::new(None, None, -2));
    assert_eq!(x.i((NewAxis, Ellipsis, NewAxis)).unwrap().shape(), [1, 4, 5, 1]);
    assert_eq!(x.i(NewAxis).unwrap().shape(), [1, 4, 5]);
    assert_eq!(x.i(Ellipsis).unwrap().shape(), [4, 5]);
    assert_eq!(x.i(()).unwrap().shape(), [4, 5]);
    assert_eq!(x.i(..).unwrap().shape(), [4, 5]);
    assert_eq!(x.i((2,)).unwrap().shape(), [5]);
    let rows = x.shape()[0];
    for row in 0..rows {
        assert_eq!(values(&x.i((row, 0)).unwrap()), [row as i32 * 5]);
        assert_eq!(x.i((row..rows, 1i64)).unwrap().shape(), [rows - row]);
    }
    assert_eq!(arange(&[1, 2, 1, 2, 1, 2]).i((0, 1, 0, 1, 0, 1)).unwrap().item::<i32>().unwrap(), 7);
}

#[test]
fn says_what_is_wrong() {
    let x = arange(&[3, 4]);
    let message = |r: rhyton_base::Result<Tensor>| r.unwrap_err().to_string();
    assert_eq!(message(x.i(5)), "Tensor::i: index 5 is out of bounds for axis 0 with size 3; use -3 to 2");
    assert_eq!(
        message(x.i((.., NewAxis, -5))),
        "Tensor::i: index -5 is out of bounds for axis 1 with size 4; use -4 to 3"
    );
    assert_eq!(
        message(x.i((0, 0, 0))),
        "Tensor::i: too many indices: got 3 for a tensor of rank 2 (shape (3, 4))"
    );
    assert_eq!(message(x.i((Ellipsis, 0, Ellipsis))), "Tensor::i: an index may have one Ellipsis, got 2");
    assert_eq!(
        message(x.i((.., every(1.., 0)))),
        "Tensor::i: axis 1: a step of 0 leads nowhere; use 1 or more, or a negative step"
    );
    assert_eq!(
        message(arange(&[0]).i(0)),
        "Tensor::i: index 0 is out of bounds for axis 0 with size 0; the axis is empty"
    );
    let split = |s: Sections, axis| x.split(s, axis).unwrap_err().to_string();
    assert_eq!(split(3.into(), 1), "split: axis 1 of size 4 does not divide into 3 equal parts");
    assert_eq!(split(0.into(), 1), "split: expected a positive number of parts, got 0");
    assert_eq!(split(1.into(), 2), "split: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
}

/// The places that Python's `range(*slice(start, stop, step).indices(n))` walks, found by trying all of them.
fn walk(start: Option<isize>, stop: Option<isize>, step: isize, n: isize) -> Vec<isize> {
    let from_back = |i: isize| if i < 0 { i + n } else { i };
    let before = |a: isize, b: isize| if step > 0 { a < b } else { a > b };
    let first = start.map_or(if step > 0 { 0 } else { n - 1 }, |i| {
        // A start outside of the axis is moved to its border before the first step.
        let i = from_back(i);
        if step > 0 { i.max(0) } else { i.min(n - 1) }
    });
    let mut places = Vec::new();
    let mut i = first;
    while (0..n).contains(&i) && stop.is_none_or(|s| before(i, from_back(s))) {
        places.push(i);
        i = i.saturating_add(step);
    }
    places
}

/// What an index gives, by counting places one by one: the shape and where each element was.
fn model(
    shape: &[usize],
    parts: &[TensorIndex],
    ends: &[(Option<isize>, Option<isize>, isize)],
) -> (Vec<usize>, Vec<usize>) {
    let used = parts.iter().filter(|p| matches!(p, TensorIndex::At(_) | TensorIndex::Span(_))).count();
    let (mut axis, mut out) = (0, Vec::new());
    let mut flat = vec![0];
    let mut take = |axis: usize, places: &[isize]| {
        flat = flat.iter().flat_map(|&f| places.iter().map(move |&p| f * shape[axis] + p as usize)).collect();
    };
    let all = |axis: usize| (0..shape[axis] as isize).collect::<Vec<_>>();
    for (part, &(start, stop, step)) in parts.iter().zip(ends) {
        match *part {
            TensorIndex::At(i) => {
                take(axis, &[i.rem_euclid(shape[axis] as isize)]);
                axis += 1;
            }
            TensorIndex::Span(_) => {
                let places = walk(start, stop, step, shape[axis] as isize);
                take(axis, &places);
                out.push(places.len());
                axis += 1;
            }
            TensorIndex::Array(_) => panic!("lists of places have tests of their own"),
            TensorIndex::NewAxis => out.push(1),
            TensorIndex::Ellipsis => {
                for _ in used..shape.len() {
                    take(axis, &all(axis));
                    out.push(shape[axis]);
                    axis += 1;
                }
            }
        }
    }
    while axis < shape.len() {
        take(axis, &all(axis));
        out.push(shape[axis]);
        axis += 1;
    }
    (out, flat)
}

type Ends = (Option<isize>, Option<isize>, isize);

/// A random shape and a random index that fits it, with the ends of its ranges.
fn draw(g: &mut Generator) -> (Vec<usize>, Vec<TensorIndex>, Vec<Ends>) {
    let rank = g.below(6);
    let shape: Vec<usize> = (0..rank).map(|_| if g.below(12) == 0 { 0 } else { 1 + g.below(5) }).collect();
    let used = g.below(rank + 1);
    let gap = if g.below(2) == 0 { used } else { g.below(used + 1) };
    let (mut parts, mut ends) = (Vec::new(), Vec::new());
    for k in 0..=used {
        let axis = if k < gap { k } else { rank - used + k };
        while g.below(5) == 0 {
            parts.push(NewAxis.into());
        }
        if k == gap && (gap < used || g.below(3) == 0) {
            parts.push(Ellipsis.into());
        }
        ends.resize(parts.len(), (None, None, 1));
        if k == used {
            break;
        }
        let n = shape[axis] as isize;
        let mut end = || (g.below(4) > 0).then(|| g.below(3 * n as usize + 3) as isize - n - n / 2 - 1);
        let (start, stop) = (end(), end());
        let step = [1, 1, 2, 3, 100, isize::MAX, -1, -1, -2, -3, -100, isize::MIN][g.below(12)];
        if n > 0 && g.below(3) == 0 {
            parts.push(TensorIndex::At(g.below(2 * n as usize) as isize - n));
            ends.push((None, None, 1));
        } else {
            parts.push(Span::new(start, stop, step).into());
            ends.push((start, stop, step));
        }
    }
    (shape, parts, ends)
}

#[test]
fn agrees_with_counting_places() {
    let mut g = Generator::new(1);
    for _ in 0..20_000 {
        let (shape, parts, ends) = draw(&mut g);
        let (expected, places) = model(&shape, &parts, &ends);
        let places: Vec<i32> = places.iter().map(|&p| p as i32).collect();
        let x = arange(&shape);
        let y = x.i(&parts[..]).unwrap_or_else(|e| panic!("{shape:?} {parts:?}: {e}"));
        assert_eq!((y.shape(), values(&y)), (&expected[..], places.clone()), "{shape:?} {parts:?}");
        // The same index on a view of another order of the axes.
        let turned = arange(&shape.iter().rev().copied().collect::<Vec<_>>()).t();
        let copy = Tensor::from_slice(&values(&turned), turned.shape()).unwrap();
        let (a, b) = (turned.i(&parts[..]).unwrap(), copy.i(&parts[..]).unwrap());
        assert_eq!((a.shape(), values(&a)), (b.shape(), values(&b)), "{shape:?} {parts:?}");
    }
}

/// An index of an index is an index of a view; nothing is copied on the way.
#[test]
fn views_of_views_share_memory() {
    use rhyton_tensor::Data;
    let mut g = Generator::new(2);
    for _ in 0..2_000 {
        let (shape, parts, _) = draw(&mut g);
        let x = arange(&shape);
        let y = x.i(&parts[..]).unwrap();
        let z = y.i((Ellipsis, NewAxis)).unwrap().flip(..).unwrap();
        let (Data::Concrete { storage: a, .. }, Data::Concrete { storage: b, .. }) = (x.data(), z.data())
        else {
            panic!("not traced")
        };
        assert!(std::sync::Arc::ptr_eq(a, b), "{shape:?} {parts:?}");
        let reversed: Vec<i32> = values(&y).into_iter().rev().collect();
        assert_eq!(values(&z), reversed);
    }
}

/// d Σ w · x[index] / dx is w at the places that were taken and 0 elsewhere.
#[test]
fn gradients_land_where_the_elements_came_from() {
    let mut g = Generator::new(3);
    for _ in 0..1_000 {
        let (shape, parts, ends) = draw(&mut g);
        let (out, places) = model(&shape, &parts, &ends);
        let count: usize = shape.iter().product();
        let w: Vec<f64> = (0..places.len()).map(|i| 1.0 + i as f64).collect();
        let mut expected = vec![0.0; count];
        for (&p, w) in places.iter().zip(&w) {
            expected[p] += w;
        }
        let x = ops::zeros(&shape, rhyton_tensor::DType::F64).unwrap();
        let tape = GradientTape::new();
        tape.watch(&x);
        let y = x.i(&parts[..]).unwrap() * Tensor::from_slice(&w, &out).unwrap();
        let dx = tape.gradient(&y.sum(..).unwrap(), &x).unwrap();
        assert_eq!((dx.shape(), dx.to_vec::<f64>().unwrap()), (&shape[..], expected), "{shape:?} {parts:?}");
    }
}

#[test]
fn gradients_of_pieces_come_together() {
    let x = Tensor::from([[1.0f32, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]);
    let tape = GradientTape::persistent();
    tape.watch(&x);
    let halves = x.split(2, 1).unwrap();
    let product = (&halves[0] * &halves[1]).sum(..).unwrap();
    let dx = tape.gradient(&product, &x).unwrap();
    assert_eq!(dx.to_vec::<f32>().unwrap(), [3.0, 4.0, 1.0, 2.0, 7.0, 8.0, 5.0, 6.0]);
    let rows = x.unstack(0).unwrap();
    let dx = tape.gradient(&(&rows[0] * rows[1].flip(0).unwrap()).sum(..).unwrap(), &x).unwrap();
    assert_eq!(dx.to_vec::<f32>().unwrap(), [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
}

/// Wrong indices are errors and right ones are views, whatever the numbers are; nothing panics.
#[test]
fn no_index_panics() {
    let mut g = Generator::new(4);
    let (mut errors, mut rounds) = (0, 0);
    let odd = |g: &mut Generator| match g.below(8) {
        0 => isize::MIN,
        1 => isize::MAX,
        2 => g.next_u64() as isize,
        3 => isize::MAX - g.below(4) as isize,
        4 => isize::MIN + g.below(4) as isize,
        _ => g.below(24) as isize - 12,
    };
    while rounds < 100_000 {
        rounds += 1;
        let rank = g.below(5);
        let shape: Vec<usize> = (0..rank).map(|_| g.below(5)).collect();
        let x = arange(&shape);
        let parts: Vec<TensorIndex> = (0..g.below(7))
            .map(|_| match g.below(10) {
                0 => NewAxis.into(),
                1 => Ellipsis.into(),
                2..5 => odd(&mut g).into(),
                5 => (odd(&mut g)..=odd(&mut g)).into(),
                6 => every(..=odd(&mut g), odd(&mut g)).into(),
                7 => (odd(&mut g) as usize..odd(&mut g) as usize).into(),
                _ => {
                    let mut end = || (g.below(4) > 0).then(|| odd(&mut g));
                    let (start, stop) = (end(), end());
                    Span::new(start, stop, odd(&mut g)).into()
                }
            })
            .collect();
        match x.i(parts) {
            Ok(y) => assert_eq!(values(&y).len(), y.len()),
            Err(_) => errors += 1,
        }
        let axis = g.below(8) as isize - 4;
        errors += usize::from(x.split(odd(&mut g), axis).is_err());
        errors += usize::from(x.split([odd(&mut g), odd(&mut g)], axis).is_err());
        errors += usize::from(x.unstack(axis).is_err());
        errors += usize::from(x.flip([axis, g.below(3) as isize]).is_err());
    }
    assert!(errors > 100_000, "{errors} errors");
}

#[test]
fn splits_and_stacks() {
    let x = arange(&[2, 6]);
    let parts = |s: Sections, axis| x.split(s, axis).unwrap().iter().map(values).collect::<Vec<_>>();
    assert_eq!(parts(3.into(), 1), [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11]]);
    assert_eq!(parts(2.into(), 0), [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]);
    // As numpy.split(x, [1, 9, -2], 1): a cut past the end, then one before it.
    assert_eq!(
        parts([1, 9, -2].into(), 1),
        [vec![0, 6], vec![1, 2, 3, 4, 5, 7, 8, 9, 10, 11], vec![], vec![4, 5, 10, 11]]
    );
    let none: [i32; 0] = [];
    assert_eq!(parts(none.into(), 1), [values(&x)]);
    let columns = x.unstack(-1).unwrap();
    assert_eq!(columns.len(), 6);
    assert_eq!(columns[2].shape(), [2]);
    let back = ops::stack(&columns.iter().collect::<Vec<_>>(), -1).unwrap();
    assert!(back.bit_equal(&x));
    assert!(arange(&[0, 3]).unstack(0).unwrap().is_empty());
    assert_eq!(arange(&[0, 3]).split(2, 0).unwrap()[1].shape(), [0, 3]);
}

#[test]
fn flips_and_flattens() {
    let x = arange(&[2, 3]);
    assert_eq!(values(&x.flip(0).unwrap()), [3, 4, 5, 0, 1, 2]);
    assert_eq!(values(&x.flip(-1).unwrap()), [2, 1, 0, 5, 4, 3]);
    assert_eq!(values(&x.flip([0, 1]).unwrap()), [5, 4, 3, 2, 1, 0]);
    assert_eq!(arange(&[]).flip(..).unwrap().item::<i32>().unwrap(), 0);
    assert_eq!(values(&x.t().ravel()), [0, 3, 1, 4, 2, 5]);
    assert_eq!(x.flatten().shape(), [6]);
    assert_eq!(arange(&[]).flatten().shape(), [1]);
    assert_eq!(arange(&[2, 0]).ravel().shape(), [0]);
}
