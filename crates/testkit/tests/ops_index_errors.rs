//! What wrong calls of functions that take, scatter and slice say.

use rhyton::ops::{self, ScatterReduction};
use rhyton::{DType, Ellipsis, Function, Result, Tensor, Variable, every};

#[track_caller]
fn wrong(result: rhyton::Result<Tensor>, text: &str) {
    match result {
        Ok(x) => panic!("no error but {x}"),
        Err(e) => assert_eq!(e.to_string(), text),
    }
}

fn many(results: rhyton::Result<Vec<Tensor>>) -> rhyton::Result<Tensor> {
    results.map(|mut all| all.swap_remove(0))
}

/// What a function says while it is being traced.
fn traced(f: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Result<Tensor> {
    let meta = Tensor::from([1.0f32, 2.0, 3.0]).meta();
    Function::trace(&[meta], move |x| Ok(vec![f(&x[0])?])).map(|_| Tensor::from(0))
}

#[test]
fn wrong_calls_say_what_is_wrong() {
    let x = &Tensor::from([[1, 2, 3], [4, 5, 6]]);
    let v = &Tensor::from([1, 2, 3]);
    let s = &Tensor::from(7);
    let ints = |n: i32| Tensor::from([n]);
    let variable = Variable::named(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]), "kernel", true);
    wrong(ops::take(x, &ints(2), 0), "take: index 2 is out of range for an axis of size 2; use -2 to 1");
    wrong(ops::take(x, &ints(-7), None), "take: index -7 is out of range for an axis of size 6; use -6 to 5");
    wrong(ops::take(x, &ints(0), 2), "take: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(
        ops::take(x, &Tensor::from([0.5f32]), 0),
        "take: expected integer indices, got float32; cast them to int32",
    );
    wrong(
        ops::take(&ops::zeros([0], DType::F32).unwrap(), &ints(0), 0),
        "take: index 0 is out of range for an axis without elements",
    );
    wrong(
        ops::take_along_axis(x, v, 0),
        "take_along_axis: expected indices with the axes of shape (2, 3), got (3,)",
    );
    wrong(
        ops::take_along_axis(x, &Tensor::from([[0], [3]]), 1),
        "take_along_axis: index 3 is out of range for an axis of size 3; use -3 to 2",
    );
    wrong(
        ops::take_along_axis(x, &Tensor::from([[0], [0], [0]]), 1),
        "take_along_axis: shapes (2, 1) and (3, 1) differ on axis 0; axes must be equal or 1",
    );
    wrong(
        ops::take_along_axis(x, &Tensor::from([[true], [true]]), 1),
        "take_along_axis: expected integer indices, got bool; cast them to int32",
    );
    wrong(x.i([2]), "Tensor::i: index 2 is out of bounds for axis 0 with size 2; use -2 to 1");
    wrong(x.i((.., [0, 3])), "Tensor::i: index 3 is out of bounds for axis 1 with size 3; use -3 to 2");
    wrong(
        x.i(([0, 1], [0, 1, 2])),
        "Tensor::i: shapes (2,) and (3,) differ on axis 0; axes must be equal or 1",
    );
    wrong(x.i((0, [0, -4])), "Tensor::i: index -4 is out of bounds for axis 1 with size 3; use -3 to 2");
    wrong(x.i(([0], [0], [0])), "Tensor::i: too many indices: got 3 for a tensor of rank 2 (shape (2, 3))");
    wrong(x.i((Ellipsis, [0], Ellipsis)), "Tensor::i: an index may have one Ellipsis, got 2");
    wrong(
        x.i(Tensor::from([0.5f32])),
        "Tensor::i: expected integer indices, got float32; cast them to int32",
    );
    wrong(x.i([true]), "Tensor::i: a mask of shape (1,) does not fit shape (2, 3) from axis 0");
    wrong(x.i((.., [true, false])), "Tensor::i: a mask of shape (2,) does not fit shape (2, 3) from axis 1");
    wrong(x.i(Tensor::from(true)), "Tensor::i: a mask needs an axis, got a scalar");
    wrong(
        x.i(Tensor::from([[[true]]])),
        "Tensor::i: a mask of shape (1, 1, 1) does not fit shape (2, 3) from axis 0",
    );
    wrong(
        x.i(([0], every(.., 0))),
        "Tensor::i: axis 1: a step of 0 leads nowhere; use 1 or more, or a negative step",
    );
    wrong(ops::get_item(x, 5), "get_item: index 5 is out of bounds for axis 0 with size 2; use -2 to 1");
    wrong(
        traced(|x| x.i(&ops::greater(x, &Tensor::from(0.0f32))?)),
        "Tensor::i: a mask: nonzero: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
    );
    wrong(
        ops::scatter(&Tensor::from([[4]]), v, &[3]),
        "scatter: index 4 is out of bounds for axis 0 with size 3; use -3 to 2",
    );
    wrong(
        ops::scatter(&Tensor::from([[4]]), &Tensor::from([1]), &[3]),
        "scatter: index 4 is out of bounds for axis 0 with size 3; use -3 to 2",
    );
    wrong(ops::scatter(s, v, &[3]), "scatter: expected indices with at least one axis, got a scalar");
    wrong(
        ops::scatter(&Tensor::from([[0, 0]]), &Tensor::from([1]), &[3]),
        "scatter: indices of shape (1, 2) name 2 axes of a tensor of shape (3,)",
    );
    wrong(
        ops::scatter(&Tensor::from([[0]]), &Tensor::from([1]), &[usize::MAX]),
        "scatter: shape (18446744073709551615,) has more elements than memory can hold",
    );
    wrong(
        ops::scatter_update(x, &Tensor::from([[0, 3]]), &Tensor::from([1]), ScatterReduction::Add),
        "scatter_update: index 3 is out of bounds for axis 1 with size 3; use -3 to 2",
    );
    wrong(
        ops::scatter_update(x, &Tensor::from([[0]]), &Tensor::from([[1, 2]]), ScatterReduction::Replace),
        "scatter_update: broadcast_to: shape (1, 2) cannot be broadcast to (1, 3); axes must be equal or 1",
    );
    wrong(
        "mean".parse::<ScatterReduction>().map(|_| s.clone()),
        r#"unknown reduction "mean"; did you mean "max"?"#,
    );
    wrong(ops::slice(x, &[0], &[1, 1]), "slice: expected a start for each axis of shape (2, 3), got 1");
    wrong(ops::slice(x, &[0, 2], &[1, 2]), "slice: 2 elements from 2 on leave axis 1 of size 3");
    wrong(ops::slice(x, &[3, 0], &[-1, 1]), "slice: -1 elements from 3 on leave axis 0 of size 2");
    wrong(ops::slice(x, &[0, 0], &[-2, 1]), "slice: -2 elements from 0 on leave axis 0 of size 2");
    wrong(
        ops::slice_update(x, &[0, 0], v),
        "slice_update: expected a length for each axis of shape (2, 3), got 1",
    );
    wrong(
        ops::slice_update(x, &[1, 1], &Tensor::from([[1, 2, 3]])),
        "slice_update: 3 elements from 1 on leave axis 1 of size 3",
    );
    wrong(
        ops::slice_update(x, &[usize::MAX, 1], &Tensor::from([[1]])),
        "slice_update: 1 elements from 18446744073709551615 on leave axis 0 of size 2",
    );
    wrong(
        ops::dynamic_slice(x, v, &[1, 1]),
        "dynamic_slice: expected a start for each axis of shape (2, 3), got 3",
    );
    wrong(
        ops::dynamic_slice(x, &Tensor::from([0, 0]), &[3, 1]),
        "dynamic_slice: 3 elements from 0 on leave axis 0 of size 2",
    );
    wrong(
        ops::dynamic_slice(x, &Tensor::from([0.0f32, 0.0]), &[1, 1]),
        "dynamic_slice: expected a vector of integers as start, got float32(2,)",
    );
    wrong(
        ops::dynamic_slice_update(x, &Tensor::from([0, 0]), v),
        "dynamic_slice_update: expected a length for each axis of shape (2, 3), got 1",
    );
    wrong(
        ops::segment_sum(x, v, 2),
        "segment_sum: segment numbers of shape (3,) are not the first axes of data of shape (2, 3)",
    );
    wrong(
        ops::segment_max(v, &Tensor::from([0.0f32, 1.0, 1.0]), 2),
        "segment_max: expected integers as segment numbers, got float32",
    );
    wrong(
        ops::segment_min(v, s, 2),
        "segment_min: segment numbers of shape () are not the first axes of data of shape (3,)",
    );
    wrong(
        ops::segment_prod(v, v, usize::MAX),
        "segment_prod: 18446744073709551615 segments are more than memory can hold",
    );
    wrong(
        traced(|x| ops::segment_sum(x, &ops::cast(x, DType::I32)?, None)),
        "segment_sum: the number of segments is not given: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
    );
    wrong(
        many(ops::unravel_index(&ints(6), &[2, 3])),
        "unravel_index: index 6 is out of bounds for axis 0 with size 6; use -6 to 5",
    );
    wrong(
        many(ops::unravel_index(&Tensor::from([0.5f32]), &[2, 3])),
        "unravel_index: expected integer indices, got float32; cast them to int32",
    );
    wrong(
        ops::multi_hot(v, 3, 5, DType::F32),
        "multi_hot: one_hot: axis 5 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    wrong(variable.assign(v).map(|()| s.clone()), r#"variable "kernel": expected shape (2, 2), got (3,)"#);
    wrong(
        variable.assign_at(2, s).map(|()| s.clone()),
        r#"variable "kernel": index 2 is out of bounds for axis 0 with size 2; use -2 to 1"#,
    );
    wrong(
        variable.assign_at((.., 0), v).map(|()| s.clone()),
        r#"variable "kernel": broadcast_to: shape (3,) cannot be broadcast to (2,); axes must be equal or 1"#,
    );
    wrong(
        variable.assign_add_at(([0, 1], [0, 2]), s).map(|()| s.clone()),
        r#"variable "kernel": index 2 is out of bounds for axis 1 with size 2; use -2 to 1"#,
    );
}
