//! Einstein's summation convention.

use super::products::{contract, sum_as_is};
use super::{cast, reshape, transpose};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, promote_all};
use rhyton_ops::index::Slice;
use std::collections::HashMap;

/// Labels of the axes that an ellipsis stands for, counted from the last.
const ELLIPSIS: u32 = 1 << 24;

/// Sums of products, written with a letter for each axis: axes of one letter are multiplied place by place, letters
/// that the result does not have are summed.
///
/// - `"ij,jk->ik"` is the matrix product, `"ii->i"` a diagonal, `"ij->ji"` a transpose.
/// - Without `->` the result has the letters that stand once, in alphabetical order.
/// - `...` stands for all other axes, which are broadcast.
///
/// Operands are multiplied in pairs, the pair with the smallest result first, as matrix products where something is
/// summed. The result has the type in which the operands meet; `int8` alone gives `int32`.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// let x = ops::ones([2, 3, 4], DType::F32).unwrap();
/// let y = ops::ones([4, 5], DType::F32).unwrap();
/// assert_eq!(ops::einsum("...ij,jk->...ki", &[&x, &y]).unwrap().shape(), [2, 5, 3]);
/// ```
///
/// # Errors
/// Where the subscripts cannot be read (the position is named), or do not fit the operands.
pub fn einsum(subscripts: &str, operands: &[&Tensor]) -> Result<Tensor> {
    let text = subscripts.to_string();
    operation("einsum", operands, move |x| {
        let spec = Spec::parse(&text)?;
        let (terms, out) = spec.labels(&text, &x.iter().map(|x| x.rank()).collect::<Vec<_>>())?;
        evaluate(x, terms, &out, &text)
    })
}

/// The letters of one operand or of the result.
#[derive(Clone, Debug, Default)]
struct Term {
    /// Letters with their positions in the text.
    letters: Vec<(char, usize)>,
    /// How many letters come before the ellipsis, if there is one.
    ellipsis: Option<usize>,
}

struct Spec {
    inputs: Vec<Term>,
    output: Option<Term>,
}

impl Spec {
    fn parse(text: &str) -> Result<Spec> {
        let wrong = |what: &str, i: usize| Err(Error::value(format!("{what} at position {i} of {text:?}")));
        let symbols: Vec<char> = text.chars().collect();
        let mut inputs = vec![Term::default()];
        let mut output: Option<Term> = None;
        let mut i = 0;
        while i < symbols.len() {
            let ended = output.is_some();
            let term = output.as_mut().unwrap_or_else(|| inputs.last_mut().expect("at least one"));
            match symbols[i] {
                ' ' => {}
                ',' if ended => return wrong("a comma after \"->\"", i),
                ',' => inputs.push(Term::default()),
                '-' => {
                    if symbols.get(i + 1) != Some(&'>') {
                        return wrong("expected \"->\"", i);
                    }
                    if ended {
                        return wrong("a second \"->\"", i);
                    }
                    output = Some(Term::default());
                    i += 1;
                }
                '.' => {
                    if symbols.get(i + 1..i + 3) != Some(&['.', '.']) {
                        return wrong("expected \"...\"", i);
                    }
                    if term.ellipsis.is_some() {
                        return wrong("a second \"...\"", i);
                    }
                    term.ellipsis = Some(term.letters.len());
                    i += 2;
                }
                c if c.is_alphabetic() => term.letters.push((c, i)),
                c => return wrong(&format!("unexpected {c:?}"), i),
            }
            i += 1;
        }
        Ok(Spec { inputs, output })
    }

    /// One label an axis for every operand and the result.
    fn labels(&self, text: &str, ranks: &[usize]) -> Result<(Vec<Vec<u32>>, Vec<u32>)> {
        if self.inputs.len() != ranks.len() {
            return Err(Error::value(format!(
                "{text:?} describes {} operands, got {}",
                self.inputs.len(),
                ranks.len()
            )));
        }
        let mut terms = Vec::new();
        let mut widest = 0;
        for (i, (term, &rank)) in self.inputs.iter().zip(ranks).enumerate() {
            let letters = term.letters.len();
            if rank < letters || (rank > letters && term.ellipsis.is_none()) {
                return Err(Error::shape(format!(
                    "{text:?} gives operand {i} {letters} axes, but it has rank {rank}"
                )));
            }
            widest = widest.max(rank - letters);
            terms.push(term.with_axes(rank - letters));
        }
        let out = match &self.output {
            Some(out) => {
                for (i, (c, at)) in out.letters.iter().enumerate() {
                    if !self.inputs.iter().any(|t| t.letters.iter().any(|l| l.0 == *c)) {
                        return Err(Error::value(format!(
                            "the result's {c:?} at position {at} of {text:?} is not a letter of an operand"
                        )));
                    }
                    if out.letters[..i].iter().any(|l| l.0 == *c) {
                        return Err(Error::value(format!(
                            "the result names {c:?} twice, at position {at} of {text:?}"
                        )));
                    }
                }
                out.with_axes(if out.ellipsis.is_some() { widest } else { 0 })
            }
            None => {
                let all: Vec<char> = self.inputs.iter().flat_map(|t| t.letters.iter().map(|l| l.0)).collect();
                let mut once: Vec<char> =
                    all.iter().copied().filter(|c| all.iter().filter(|d| *d == c).count() == 1).collect();
                once.sort_unstable();
                let lead = (0..widest as u32).rev().map(|i| ELLIPSIS + i);
                lead.chain(once.into_iter().map(u32::from)).collect()
            }
        };
        Ok((terms, out))
    }
}

impl Term {
    /// The labels, with `count` axes in place of the ellipsis.
    fn with_axes(&self, count: usize) -> Vec<u32> {
        let mut labels: Vec<u32> = self.letters.iter().map(|l| u32::from(l.0)).collect();
        let at = self.ellipsis.unwrap_or(labels.len());
        labels.splice(at..at, (0..count as u32).rev().map(|i| ELLIPSIS + i));
        labels
    }
}

/// The elements at which two axes have the same coordinate; the second axis goes.
fn diagonal(x: &Tensor, a: usize, b: usize) -> Result<Tensor> {
    let n = x.shape()[a];
    let mut order: Vec<isize> =
        (0..x.rank() as isize).filter(|&i| i != a as isize && i != b as isize).collect();
    let mut shape: Vec<usize> = order.iter().map(|&i| x.shape()[i as usize]).collect();
    let mut places: Vec<_> = shape.iter().map(|&n| (0, 1, n)).collect();
    order.extend([a as isize, b as isize]);
    shape.push(n * n);
    places.push((0, n as isize + 1, n));
    let flat = reshape(&transpose(x, Some(&order))?, shape)?;
    let line = apply_one(Slice { places }, &[&flat])?;
    // The line of places goes where axis `a` was.
    let mut back: Vec<isize> = (0..line.rank() as isize - 1).collect();
    back.insert(a, line.rank() as isize - 1);
    transpose(&line, Some(&back))
}

fn evaluate(x: &[&Tensor], terms: Vec<Vec<u32>>, out: &[u32], text: &str) -> Result<Tensor> {
    let dtype = match promote_all(x.iter().map(|x| x.dtype())).expect("at least one operand") {
        DType::I8 => DType::I32,
        other => other,
    };
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    for (i, (x, labels)) in x.iter().zip(&terms).enumerate() {
        for (&l, &n) in labels.iter().zip(x.shape()) {
            let known = sizes.entry(l).or_insert(n);
            if *known == 1 {
                *known = n;
            }
            if n != 1 && n != *known {
                let name = match char::from_u32(l).filter(|_| l < ELLIPSIS) {
                    Some(c) => format!("{c:?}"),
                    None => "an axis of \"...\"".into(),
                };
                return Err(Error::shape(format!(
                    "{name} of {text:?} has size {known} before and {n} in operand {i} of shape {}",
                    Shape::from(x.shape())
                )));
            }
        }
    }
    let mut parts = Vec::new();
    for (x, labels) in x.iter().zip(terms) {
        parts.push(single(cast(x, dtype)?, labels, &sizes)?);
    }
    while parts.len() > 1 {
        let (i, j) = cheapest(&parts, out, &sizes);
        let (y, x) = (parts.remove(j), parts.remove(i));
        let needed = |l: &u32| out.contains(l) || parts.iter().any(|p| p.1.contains(l));
        let mut kept: Vec<u32> = x.1.iter().copied().filter(needed).collect();
        kept.extend(y.1.iter().copied().filter(|l| needed(l) && !x.1.contains(l)));
        // The last product can put its axes in the result's order at once.
        let kept =
            if parts.is_empty() { out.iter().copied().filter(|l| kept.contains(l)).collect() } else { kept };
        let product = contract((&x.0, &x.1), (&y.0, &y.1), &kept)?;
        parts.push((product, kept));
    }
    let (x, labels) = parts.pop().expect("at least one operand");
    let spare: Vec<isize> =
        (0..labels.len()).filter(|&a| !out.contains(&labels[a])).map(|a| a as isize).collect();
    let x = sum_as_is(&x, &spare)?;
    let labels: Vec<u32> = labels.into_iter().filter(|l| out.contains(l)).collect();
    let order: Vec<isize> =
        out.iter().filter_map(|l| labels.iter().position(|m| m == l).map(|a| a as isize)).collect();
    let x = transpose(&x, Some(&order))?;
    // Axes of size 1 that were left out on the way come back.
    reshape(&x, out.iter().map(|l| sizes[l]).collect::<Vec<_>>())
}

/// An operand with every label once, and without axes of size 1 that others stretch.
fn single(mut x: Tensor, mut labels: Vec<u32>, sizes: &HashMap<u32, usize>) -> Result<(Tensor, Vec<u32>)> {
    let thin: Vec<usize> =
        (0..labels.len()).filter(|&a| x.shape()[a] == 1 && sizes[&labels[a]] != 1).collect();
    for a in thin.into_iter().rev() {
        x = super::squeeze(&x, a as isize)?;
        labels.remove(a);
    }
    while let Some((a, b)) = repeated(&labels) {
        x = diagonal(&x, a, b)?;
        labels.remove(b);
    }
    Ok((x, labels))
}

fn repeated(labels: &[u32]) -> Option<(usize, usize)> {
    (0..labels.len()).find_map(|b| labels[..b].iter().position(|l| *l == labels[b]).map(|a| (a, b)))
}

/// The pair whose product has the fewest elements.
fn cheapest(parts: &[(Tensor, Vec<u32>)], out: &[u32], sizes: &HashMap<u32, usize>) -> (usize, usize) {
    let mut best = ((0, 1), f64::INFINITY);
    for j in 1..parts.len() {
        for i in 0..j {
            let others = parts.iter().enumerate().filter(|(k, _)| *k != i && *k != j);
            let elsewhere: Vec<u32> = others.flat_map(|(_, p)| p.1.iter().copied()).collect();
            let mut labels = parts[i].1.clone();
            labels.extend(parts[j].1.iter().filter(|l| !parts[i].1.contains(l)));
            let kept = labels.iter().filter(|l| out.contains(l) || elsewhere.contains(l));
            let size: f64 = kept.map(|l| sizes[l] as f64).product();
            if size < best.1 {
                best = ((i, j), size);
            }
        }
    }
    best.0
}
