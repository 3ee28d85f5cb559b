//! Loops: `while_loop`, `fori_loop`, `scan`, `map`.

use super::control::{assign_all, expect_one, tracing, union};
use super::{add, arange, cast, less, reshape, stack};
use crate::control::{Outer, Recorder, record};
use crate::dispatch::{apply_in_trace, apply_one_of};
use crate::symbolic::Results;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_ops::control::{Scan, Unstack, While};
use rhyton_ops::{Meta, Value};
use std::sync::Arc;

/// Up to so many rounds a loop of known length is written out round by round.
const FEW: usize = 4;

/// That a body gives back what it is given.
fn check_carried(before: &[Tensor], after: &[Tensor]) -> Result<()> {
    if before.len() != after.len() {
        return Err(Error::value(format!(
            "the body must give back the {} loop variables it is given, got {}",
            before.len(),
            after.len()
        )));
    }
    match before.iter().zip(after).position(|(a, b)| a.meta() != b.meta()) {
        None => Ok(()),
        Some(i) => Err(Error::shape(format!(
            "the body must keep types and shapes: loop variable {i} is {} before and {} after; cast or reshape it",
            before[i].meta(),
            after[i].meta()
        ))),
    }
}

fn no_symbols(all: &[Tensor]) -> Result<()> {
    match all.iter().find(|x| x.is_symbolic()) {
        Some(x) => expect_one("input", x),
        None => Ok(()),
    }
}

/// Whether a condition holds.
fn holds(truth: &Tensor) -> Result<bool> {
    expect_one("condition", truth)?;
    Ok(cast(truth, DType::Bool)?.to_vec::<bool>()?[0])
}

/// Applies `body` to the loop variables as long as `cond` of them is other than zero, and at most
/// `maximum_iterations` times. The body keeps the variables' number, types and shapes.
///
/// Gradients: a tape records the rounds that run. In a compiled function their number is not known and there is no
/// gradient; use [`fori_loop`] with known bounds, or [`scan`].
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// // The greatest common divisor.
/// let gcd = ops::while_loop(
///     |v| ops::not_equal(&v[1], &Tensor::from(0)),
///     |v| Ok(vec![v[1].clone(), ops::r#mod(&v[0], &v[1])?]),
///     &[Tensor::from(48), Tensor::from(36)],
///     None,
/// );
/// assert_eq!(gcd.unwrap()[0].item::<i32>().unwrap(), 12);
/// ```
///
/// # Errors
/// Where the condition is not one number, or the body changes number, types or shapes of the variables.
pub fn while_loop(
    cond: impl Fn(&[Tensor]) -> Result<Tensor>,
    body: impl Fn(&[Tensor]) -> Result<Vec<Tensor>>,
    loop_vars: &[Tensor],
    maximum_iterations: Option<usize>,
) -> Result<Vec<Tensor>> {
    let who = || "while_loop";
    no_symbols(loop_vars).at(who)?;
    if tracing() {
        return written_while(&cond, &body, loop_vars, maximum_iterations).at(who);
    }
    let mut now = loop_vars.to_vec();
    let mut rounds = 0;
    while maximum_iterations.is_none_or(|m| rounds < m) && cond(&now).and_then(|t| holds(&t)).at(who)? {
        let next = body(&now).at(who)?;
        check_carried(&now, &next).at(who)?;
        now = next;
        rounds += 1;
    }
    Ok(now)
}

fn values(recorder: &Recorder, out: &[Tensor]) -> Result<Vec<Value>> {
    out.iter().map(|x| recorder.value_of(x)).collect()
}

fn metas(all: &[Tensor]) -> Vec<Meta> {
    all.iter().map(Tensor::meta).collect()
}

fn written_while(
    cond: &dyn Fn(&[Tensor]) -> Result<Tensor>,
    body: &dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>,
    loop_vars: &[Tensor],
    maximum: Option<usize>,
) -> Result<Vec<Tensor>> {
    let carried = metas(loop_vars);
    let (asks, asked, truth) = record(&carried, |x| {
        let truth = cond(x)?;
        expect_one("condition", &truth)?;
        reshape(&cast(&truth, DType::Bool)?, [0usize; 0])
    })?;
    if let Some(o) = asks.assigned().first() {
        let name = o.variable.as_ref().map(|v| v.name()).unwrap_or_default();
        return Err(Error::state(format!(
            "the condition assigns variable {name:?}; in a compiled function only the body may assign variables"
        )));
    }
    let truth = asks.value_of(&truth)?;
    let (does, given, out) = record(&carried, |x| {
        let out = body(x)?;
        check_carried(loop_vars, &out)?;
        Ok(out)
    })?;
    let mut results = values(&does, &out)?;
    let assigned = does.assigned();
    let rest: Vec<Outer> = union(asks.outers().into_iter().chain(does.outers()))
        .into_iter()
        .filter(|o| !assigned.iter().any(|a| a.is(o)))
        .collect();
    let around: Vec<&Outer> = assigned.iter().chain(&rest).collect();
    let inputs_of = |r: &Recorder, own: &[Value]| -> Vec<Value> {
        own.iter().copied().chain(around.iter().map(|o| r.input_for(o))).collect()
    };
    let (asked, given) = (inputs_of(&asks, &asked), inputs_of(&does, &given));
    results.extend(assigned.iter().map(|o| does.current(o)));
    let op = While {
        condition: asks.finish(&asked, &[truth]),
        body: does.finish(&given, &results),
        carried: results.len(),
        maximum,
    };
    let inputs: Vec<Tensor> =
        loop_vars.iter().cloned().chain(around.iter().map(|o| o.tensor.clone())).collect();
    let mut last = apply_in_trace(Arc::new(op), &inputs)?;
    assign_all(&assigned, &last.split_off(loop_vars.len()))?;
    Ok(last)
}

/// `v = body(i, v)` for `i` from `lower` to before `upper`, beginning with `init`; the last `v`.
///
/// `i` has the type in which the bounds meet. Bounds may be numbers or tensors. In a compiled function known bounds
/// give a loop that has a gradient; bounds that are computed give a [`while_loop`].
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let factorial = ops::fori_loop(1, 6, |i, v| Ok(vec![&v[0] * i]), &[Tensor::from(1)]).unwrap();
/// assert_eq!(factorial[0].item::<i32>().unwrap(), 120);
/// ```
///
/// # Errors
/// Where a bound is not one whole number, or the body changes number, types or shapes of the variables.
pub fn fori_loop(
    lower: impl Into<Tensor>,
    upper: impl Into<Tensor>,
    body: impl Fn(&Tensor, &[Tensor]) -> Result<Vec<Tensor>>,
    init: &[Tensor],
) -> Result<Vec<Tensor>> {
    let who = || "fori_loop";
    no_symbols(init).at(who)?;
    let bound = |name: &str, x: Tensor| -> Result<Tensor> {
        expect_one(name, &x)?;
        match x.dtype().is_integer() {
            true => reshape(&x, [0usize; 0]),
            false => Err(Error::dtype(format!("expected a whole number as the {name}, got {}", x.dtype()))),
        }
    };
    let lower = bound("lower bound", lower.into()).at(who)?;
    let upper = bound("upper bound", upper.into()).at(who)?;
    let dtype = rhyton_base::promote(lower.dtype(), upper.dtype());
    let (lower, upper) = (cast(&lower, dtype)?, cast(&upper, dtype)?);
    if !(lower.has_numbers() && upper.has_numbers()) {
        let vars: Vec<Tensor> = std::iter::once(&lower).chain(init).cloned().collect();
        let one = super::ones([], dtype)?;
        let condition = |v: &[Tensor]| less(&v[0], &upper);
        let step = |v: &[Tensor]| -> Result<Vec<Tensor>> {
            let mut next = body(&v[0], &v[1..])?;
            next.insert(0, add(&v[0], &one)?);
            Ok(next)
        };
        let mut last = while_loop(condition, step, &vars, None).at(who)?;
        return Ok(last.split_off(1));
    }
    let whole = |x: &Tensor| -> Result<i64> { cast(x, DType::I64)?.item::<i64>() };
    let (from, to) = (whole(&lower)?, whole(&upper)?);
    let rounds = usize::try_from(i128::from(to) - i128::from(from)).unwrap_or(0);
    if tracing() && rounds > FEW {
        let numbers = add(&arange(rounds, dtype)?, &lower)?;
        let step = |v: &[Tensor], i: &[Tensor]| Ok((body(&i[0], v)?, Vec::new()));
        return Ok(written_scan(&step, init, &[numbers], rounds, false).at(who)?.0);
    }
    let mut now = init.to_vec();
    for i in from..to.max(from) {
        let next = body(&cast(&Tensor::from(i), dtype)?, &now).at(who)?;
        check_carried(&now, &next).at(who)?;
        now = next;
    }
    Ok(now)
}

/// What a function of [`scan`] gives: the carried tensors of the next round, and results to be stacked.
pub type Step = (Vec<Tensor>, Vec<Tensor>);

/// Runs along the first axis of `xs`: in each round `f(carry, slices)` gives the next carry, and results. Gives the last
/// carry, and the results of all rounds stacked along a new first axis. Without `xs` the `length` says how many
/// rounds there are. With `reverse` it begins with the last slices; the results keep their slices' places.
///
/// Keras's `unroll` is a hint that is not needed here.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1.0f32, 2.0, 3.0]);
/// let step = |c: &[Tensor], x: &[Tensor]| {
///     let sum = &c[0] + &x[0];
///     Ok((vec![sum.clone()], vec![sum]))
/// };
/// let (last, sums) = ops::scan(step, &[Tensor::from(0.0f32)], &[x], None, false).unwrap();
/// assert_eq!(last[0].item::<f32>().unwrap(), 6.0);
/// assert_eq!(sums[0].to_vec::<f32>().unwrap(), [1.0, 3.0, 6.0]);
/// ```
///
/// # Errors
/// Where there are neither `xs` nor a `length`, their sizes differ, or `f` changes number, types or shapes of what it
/// carries.
pub fn scan(
    f: impl Fn(&[Tensor], &[Tensor]) -> Result<Step>,
    init: &[Tensor],
    xs: &[Tensor],
    length: Option<usize>,
    reverse: bool,
) -> Result<Step> {
    let who = || "scan";
    no_symbols(init).at(who)?;
    let rounds = rounds_of(xs, length).at(who)?;
    scan_rounds(&f, init, xs, rounds, reverse).at(who)
}

fn rounds_of(xs: &[Tensor], length: Option<usize>) -> Result<usize> {
    no_symbols(xs)?;
    let mut rounds = length;
    for (i, x) in xs.iter().enumerate() {
        let Some(&n) = x.shape().first() else {
            return Err(Error::shape(format!("input {i} is a scalar; it needs a first axis to run along")));
        };
        if let Some(expected) = rounds.filter(|&r| r != n) {
            return Err(Error::shape(format!(
                "input {i} of shape {} has {n} slices, expected {expected}; all inputs and the length must agree",
                Shape::from(x.shape())
            )));
        }
        rounds = Some(n);
    }
    rounds.ok_or_else(|| Error::value("expected inputs to run along, or a length, got neither"))
}

type StepFn<'a> = &'a dyn Fn(&[Tensor], &[Tensor]) -> Result<Step>;

fn scan_rounds(f: StepFn, init: &[Tensor], xs: &[Tensor], rounds: usize, reverse: bool) -> Result<Step> {
    // Without a round only a function that is written down shows what its results would be.
    if rounds == 0 || (tracing() && rounds > FEW) {
        return written_scan(f, init, xs, rounds, reverse);
    }
    let slices = xs.iter().map(|x| apply_one_of(Unstack { axis: 0 }, x)).collect::<Result<Vec<_>>>()?;
    let mut carry = init.to_vec();
    let mut rows: Vec<Vec<Tensor>> = Vec::new();
    for round in 0..rounds {
        let at = if reverse { rounds - 1 - round } else { round };
        let slice: Vec<Tensor> = slices.iter().map(|s| s[at].clone()).collect();
        let (next, row) = f(&carry, &slice)?;
        check_carried(&carry, &next)?;
        if let Some(first) = rows.first()
            && metas(first) != metas(&row)
        {
            return Err(Error::shape(
                "the function must give results of the same types and shapes in every round",
            ));
        }
        carry = next;
        rows.push(row);
    }
    if reverse {
        rows.reverse();
    }
    let count = rows.first().map_or(0, Vec::len);
    let column = |i: usize| stack(&rows.iter().map(|r| &r[i]).collect::<Vec<_>>(), 0);
    Ok((carry, (0..count).map(column).collect::<Result<_>>()?))
}

fn written_scan(f: StepFn, init: &[Tensor], xs: &[Tensor], rounds: usize, reverse: bool) -> Result<Step> {
    let mut takes = metas(init);
    for x in xs {
        takes.push(Meta::new(x.dtype(), &x.shape()[1..]));
    }
    let (does, given, (next, row)) = record(&takes, |x| {
        let (carry, slice) = x.split_at(init.len());
        let (next, row) = f(carry, slice)?;
        check_carried(init, &next)?;
        Ok((next, row))
    })?;
    let (mut results, rows) = (values(&does, &next)?, values(&does, &row)?);
    let assigned = does.assigned();
    let rest: Vec<Outer> = does.outers().into_iter().filter(|o| !assigned.iter().any(|a| a.is(o))).collect();
    let (carry, slice) = given.split_at(init.len());
    let mut inputs = carry.to_vec();
    inputs.extend(assigned.iter().map(|o| does.input_for(o)));
    results.extend(assigned.iter().map(|o| does.current(o)));
    let carried = results.len();
    results.extend(rows);
    // Slices that nothing is done with, such as the numbers of rounds, are left out.
    let whole = does.finish(slice, &results);
    let used: Vec<usize> = (0..xs.len()).filter(|&i| whole.uses(i)).collect();
    inputs.extend(used.iter().map(|&i| slice[i]));
    inputs.extend(rest.iter().map(|o| does.input_for(o)));
    let body = does.finish(&inputs, &results);
    let mut arguments = init.to_vec();
    arguments.extend(assigned.iter().map(|o| o.tensor.clone()));
    arguments.extend(used.iter().map(|&i| xs[i].clone()));
    arguments.extend(rest.iter().map(|o| o.tensor.clone()));
    let op = Scan { body, carried, scanned: used.len(), length: rounds, reverse };
    let mut last = apply_in_trace(Arc::new(op), &arguments)?;
    // Behind the results stand the carried values of all rounds, which only gradients need.
    let mut ys = last.split_off(carried);
    ys.truncate(row.len());
    assign_all(&assigned, &last.split_off(init.len()))?;
    Ok((last, ys))
}

/// `f` of every slice along the first axis, stacked.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[3.0f32, 4.0], [6.0, 8.0]]);
/// let norms = ops::map(|x| ops::sqrt(&x[0].square().sum(..)?), &[x]).unwrap();
/// assert_eq!(norms.to_vec::<f32>().unwrap(), [5.0, 10.0]);
/// ```
///
/// # Errors
/// Where there is nothing to run along, or the inputs' sizes differ.
pub fn map<R: Results>(f: impl Fn(&[Tensor]) -> Result<R>, xs: &[Tensor]) -> Result<R> {
    let who = || "map";
    let rounds = rounds_of(xs, None).at(who)?;
    let step = |_: &[Tensor], x: &[Tensor]| Ok((Vec::new(), f(x)?.into_vec()));
    Ok(R::from_vec(scan_rounds(&step, &[], xs, rounds, false).at(who)?.1))
}

/// The same as [`map`]; Keras's name for it where a device would compute all slices at once.
///
/// # Errors
/// As [`map`].
pub fn vectorized_map<R: Results>(
    function: impl Fn(&[Tensor]) -> Result<R>,
    elements: &[Tensor],
) -> Result<R> {
    map(function, elements).at(|| "vectorized_map")
}
