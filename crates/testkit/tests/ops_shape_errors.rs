//! What wrong calls of functions that reshape, join, cut and rearrange say.

use rhyton::ops::{self, PadMode};
use rhyton::{DType, Tensor};

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

#[test]
fn wrong_calls_say_what_is_wrong() {
    let x = &Tensor::from([[1, 2, 3], [4, 5, 6]]);
    let v = &Tensor::from([1, 2, 3]);
    let s = &Tensor::from(7);
    wrong(
        ops::reshape(x, [4, 2]),
        "reshape: a tensor of shape (2, 3) (6 elements) cannot take the shape (4, 2)",
    );
    wrong(ops::reshape(x, [-1, -1]), "reshape: at most one axis may be -1, got [None, None]");
    wrong(ops::reshape(x, [-2, 3]), "reshape: a size of -2; use -1 or a size");
    wrong(ops::transpose(x, Some(&[0, 0])), "transpose: expected every axis of (2, 3) once, got [0, 0]");
    wrong(
        ops::broadcast_to(x, &[3, 2]),
        "broadcast_to: shape (2, 3) cannot be broadcast to (3, 2); axes must be equal or 1",
    );
    wrong(ops::expand_dims(x, 4), "expand_dims: axis 4 is out of bounds for a tensor of rank 3; use -3 to 2");
    wrong(ops::expand_dims(x, [0, 0]), "expand_dims: axes [0, 0] name an axis twice (rank 4)");
    wrong(ops::expand_dims(x, ..), "expand_dims: expected one axis or several, got all (..)");
    wrong(ops::squeeze(x, 0), "squeeze: axis 0 of shape (2, 3) is not of size 1");
    wrong(ops::squeeze(x, 5), "squeeze: axis 5 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::moveaxis(x, &[0], &[1, 0]), "moveaxis: 1 axes do not go to 2 places");
    wrong(
        ops::moveaxis(x, &[3], &[0]),
        "moveaxis: axis 3 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    wrong(ops::swapaxes(x, 0, 2), "swapaxes: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(
        ops::view(s, DType::U8),
        "view: a scalar of 4 bytes cannot be seen as uint8, which takes 1; reshape it to (1,) first",
    );
    wrong(
        ops::view(v, DType::F64),
        "view: the last axis of int32(3,) does not divide into elements of 8 bytes (float64)",
    );
    wrong(
        ops::view(v, DType::Bool),
        "view: the bits of int32 may be no truth value; cast them or compare them with 0",
    );
    wrong(ops::concatenate(&[], 0), "concatenate: expected at least one tensor");
    wrong(
        ops::concatenate(&[x, v], 0),
        "concatenate: shapes (2, 3) and (3,) differ on an axis other than 0; all but that one must be equal",
    );
    wrong(
        ops::stack(&[x, v], 0),
        "stack: concatenate: shapes (1, 2, 3) and (1, 3) differ on an axis other than 0; all but that one must be equal",
    );
    wrong(
        ops::hstack(&[x, &x.t()]),
        "hstack: concatenate: shapes (2, 3) and (3, 2) differ on an axis other than 1; all but that one must be equal",
    );
    wrong(ops::vstack(&[]), "vstack: concatenate: expected at least one tensor");
    wrong(
        ops::append(x, v, 0),
        "append: concatenate: shapes (2, 3) and (3,) differ on an axis other than 0; all but that one must be equal",
    );
    wrong(many(ops::split(x, 2, 1)), "split: axis 1 of size 3 does not divide into 2 equal parts");
    wrong(many(ops::split(x, 0, 0)), "split: expected a positive number of parts, got 0");
    wrong(many(ops::array_split(x, -1, 0)), "array_split: expected a positive number of parts, got -1");
    wrong(
        many(ops::array_split(x, 1_000_000_000, 0)),
        "array_split: 1000000000 parts of an axis of size 2 are too many",
    );
    wrong(many(ops::hsplit(s, 1)), "hsplit: expected at least 1 axis, got shape ()");
    wrong(many(ops::vsplit(v, 1)), "vsplit: expected at least 2 axes, got shape (3,)");
    wrong(many(ops::dsplit(x, 1)), "dsplit: expected at least 3 axes, got shape (2, 3)");
    wrong(many(ops::unstack(x, 2)), "unstack: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::flip(x, 2), "flip: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::fliplr(v), "fliplr: flip: axis 1 is out of bounds for a tensor of rank 1; use -1 to 0");
    wrong(ops::rot90(v, 1, [0, 1]), "rot90: expected at least two axes, got shape (3,)");
    wrong(ops::rot90(x, 1, [1, -1]), "rot90: expected two different axes, got [1, -1]");
    wrong(ops::roll(x, &[1, 2, 3], Some(&[0, 1])), "roll: 3 shifts do not go with 2 axes");
    wrong(
        ops::roll(x, &[1], Some(&[2])),
        "roll: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    wrong(
        ops::tile(x, &[usize::MAX, 2]),
        "tile: shape (18446744073709551615, 2, 2, 3) has more elements than memory can hold",
    );
    wrong(ops::repeat(x, [1, 2], 1), "repeat: expected one number or 3, one for each place of axis 1, got 2");
    wrong(
        ops::repeat(x, usize::MAX, 0),
        "repeat: broadcast_to: shape (2, 18446744073709551615, 3) has more elements than memory can hold",
    );
    wrong(ops::repeat(x, [usize::MAX, 2], 0), "repeat: the repeats add up to more than memory can hold");
    wrong(
        ops::pad(x, &[(1, 1); 3], PadMode::Edge),
        "pad: expected a pair of widths an axis of (2, 3), got 3",
    );
    wrong(
        ops::pad(x, &[(usize::MAX, 1)], PadMode::Wrap),
        "pad: a padded axis is longer than memory can hold",
    );
    wrong(
        ops::pad(&ops::zeros([0], DType::F32).unwrap(), &[(1, 0)], PadMode::Reflect),
        "pad: axis 0 of shape (0,) has nothing to pad with; use a constant",
    );
    wrong(ops::diff(x, 1, 2), "diff: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(
        ops::extract_sequences(v, 0, 1),
        "extract_sequences: expected a positive length and stride, got 0 and 1",
    );
    wrong(ops::extract_sequences(s, 1, 1), "extract_sequences: expected at least one axis, got a scalar");
    wrong(
        ops::depth_to_space(x, 2, "channels_last"),
        "depth_to_space: expected four axes (a batch of images), got shape (2, 3)",
    );
    wrong(
        ops::depth_to_space(&ops::zeros([1, 1, 1, 6], DType::F32).unwrap(), 2, "channels_last"),
        "depth_to_space: 6 channels do not divide into blocks of 2 by 2",
    );
    wrong(
        ops::space_to_depth(&ops::zeros([1, 3, 2, 1], DType::F32).unwrap(), 2, "channels_last"),
        "space_to_depth: images of 3 by 2 do not divide into blocks of 2 by 2",
    );
    wrong(
        ops::space_to_depth(x, 2, "nhwc"),
        r#"space_to_depth: unknown data format "nhwc"; use "channels_last" or "channels_first""#,
    );
    wrong(
        ops::space_to_depth(&ops::zeros([1, 2, 2, 1], DType::F32).unwrap(), 0, "channels_last"),
        "space_to_depth: expected a block size of 1 or more, got 0",
    );
    wrong(ops::rearrange(x, "a b", &[]), r#"rearrange: pattern "a b": expected one "->", got 0"#);
    wrong(
        ops::rearrange(x, "a b -> a", &[]),
        r#"rearrange: pattern "a b -> a": axis "b" stands on one side only"#,
    );
    wrong(
        ops::rearrange(x, "a b -> b a c", &[]),
        r#"rearrange: pattern "a b -> b a c": axis "c" stands on one side only"#,
    );
    wrong(
        ops::rearrange(x, "a a -> a a", &[]),
        r#"rearrange: pattern "a a -> a a": axis "a" is named twice on one side"#,
    );
    wrong(
        ops::rearrange(x, "(a b -> a b", &[]),
        r#"rearrange: pattern "(a b -> a b": a parenthesis is not closed"#,
    );
    wrong(
        ops::rearrange(x, "a b) -> a b", &[]),
        r#"rearrange: pattern "a b) -> a b": a closing parenthesis without an opening one"#,
    );
    wrong(
        ops::rearrange(x, "((a b)) -> a b", &[]),
        r#"rearrange: pattern "((a b)) -> a b": a parenthesis inside another"#,
    );
    wrong(
        ops::rearrange(x, "a -> a", &[]),
        r#"rearrange: pattern "a -> a" describes 1 axes, the tensor has shape (2, 3)"#,
    );
    wrong(
        ops::rearrange(x, "a (b c) -> a b c", &[]),
        "rearrange: the sizes of (b c) do not follow from axis 1 alone; give all but one",
    );
    wrong(
        ops::rearrange(x, "a (b c) -> a b c", &[("b", 2)]),
        "rearrange: axis 1 of size 3 does not divide into (b=2 c)",
    );
    wrong(ops::rearrange(x, "a b -> b a", &[("q", 2)]), r#"rearrange: pattern "a b -> b a" has no axis "q""#);
    wrong(
        ops::rearrange(x, "a 1 -> 1 a", &[]),
        r#"rearrange: pattern "a 1 -> 1 a": "1" is no name of an axis"#,
    );
    wrong(ops::diag(s, 0), "diag: expected a vector or a matrix, got shape ()");
    wrong(
        ops::diag(v, isize::MAX),
        "diag: shape (9223372036854775810, 9223372036854775810) has more elements than memory can hold",
    );
    wrong(
        ops::diagflat(v, isize::MIN),
        "diagflat: shape (9223372036854775811, 9223372036854775811) has more elements than memory can hold",
    );
    wrong(ops::diagonal(v, 0, 0, 1), "diagonal: expected at least two axes, got shape (3,)");
    wrong(ops::diagonal(x, 0, 1, 1), "diagonal: expected two different axes, got 1 and 1");
    wrong(
        ops::trace(x, 0, 0, 3),
        "trace: diagonal: axis 3 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    wrong(ops::tril(v, 0), "tril: expected at least two axes, got shape (3,)");
    wrong(ops::vander(x, 2, false), "vander: expected a vector, got shape (2, 3)");
    wrong(
        ops::vander(v, usize::MAX, false),
        "vander: shape (3, 18446744073709551615) has more elements than memory can hold",
    );
    wrong(
        ops::vander(&Tensor::from([true]), None, false),
        "vander: cumprod: expected numbers, got bool; cast them to int32",
    );
}
