//! What normalization, attention, crossentropies and connectionist temporal classification say of wrong calls.

use rhyton::ops::{self, AttentionOptions, CtcStrategy};
use rhyton::{DType, Function, Result, Tensor};

fn x(shape: &[usize]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn decode(x: &Tensor, lengths: &Tensor, strategy: CtcStrategy, mask: usize) -> Result<Tensor> {
    Ok(ops::ctc_decode(x, lengths, strategy, mask)?.0)
}

#[test]
fn wrong_calls() {
    let (a, v) = (x(&[2, 3]), x(&[3]));
    let lengths = ops::ones([2], DType::I32).unwrap();
    let one = |s: &[usize]| ops::ones(s, DType::I32).unwrap();
    let plain = AttentionOptions::new;
    let (q, k) = (x(&[1, 2, 4, 3]), x(&[1, 5, 4, 3]));
    let (greedy, beam) =
        (CtcStrategy::default(), |w, t| CtcStrategy::BeamSearch { beam_width: w, top_paths: t });
    let out = x(&[2, 4, 3]);
    let traced = Function::trace(&[out.meta(), lengths.meta()], |x| {
        Ok(vec![ops::ctc_decode(&x[0], &x[1], CtcStrategy::default(), 0)?.0])
    });
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (ops::softmax(&a, 2), "softmax: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::log_softmax(&a, [0, 0]), "log_softmax: axes [0, 0] name an axis twice (rank 2)"),
        (
            ops::moments(&a, 2).map(|m| m.0),
            "moments: mean: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::batch_normalization(&a, &v, &v, 2, None, None, 1e-3),
            "batch_normalization: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::batch_normalization(&a, &x(&[2]), &v, -1, None, None, 1e-3),
            "batch_normalization: expected a mean of shape (3,), as axis 1 of shape (2, 3), got (2,)",
        ),
        (
            ops::batch_normalization(&a, &v, &x(&[2]), -1, None, None, 1e-3),
            "batch_normalization: expected a variance of shape (3,), as axis 1 of shape (2, 3), got (2,)",
        ),
        (
            ops::batch_normalization(&a, &v, &v, -1, Some(&x(&[1])), None, 1e-3),
            "batch_normalization: expected an offset of shape (3,), as axis 1 of shape (2, 3), got (1,)",
        ),
        (
            ops::batch_normalization(&a, &v, &v, -1, None, Some(&a), 1e-3),
            "batch_normalization: expected a scale of shape (3,), as axis 1 of shape (2, 3), got (2, 3)",
        ),
        (
            ops::layer_normalization(&a, None, None, 5, None),
            "layer_normalization: axis 5 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::layer_normalization(&a, Some(&x(&[2])), None, -1, None),
            "layer_normalization: multiply: shapes (2, 3) and (2, 2) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::rms_normalization(&a, Some(&x(&[2])), -1, None),
            "rms_normalization: multiply: shapes (2, 3) and (2,) differ on axis 1; axes must be equal or 1",
        ),
        (ops::normalize(&a, -1, 0, None), "normalize: expected an order of 1 or more, got 0"),
        (
            ops::normalize(&a, -3, 2, None),
            "normalize: sum: axis -3 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (ops::psnr(&a, &v, 1.0), "psnr: expected images of one shape, got (2, 3) and (3,)"),
        (
            ops::dot_product_attention(&a, &k, &k, plain()),
            "dot_product_attention: expected [batch, length, heads, depth] three times, got shapes (2, 3), (1, 5, 4, 3) and (1, 5, 4, 3)",
        ),
        (
            ops::dot_product_attention(&q, &x(&[2, 5, 4, 3]), &k, plain()),
            "dot_product_attention: a query of shape (1, 2, 4, 3), a key of shape (2, 5, 4, 3) and a value of shape (1, 5, 4, 3) do not fit; batch, source length and depth must agree, and the query's heads be a multiple of the others'",
        ),
        (
            ops::dot_product_attention(&q, &x(&[1, 5, 3, 3]), &x(&[1, 5, 3, 3]), plain()),
            "dot_product_attention: a query of shape (1, 2, 4, 3), a key of shape (1, 5, 3, 3) and a value of shape (1, 5, 3, 3) do not fit; batch, source length and depth must agree, and the query's heads be a multiple of the others'",
        ),
        (
            ops::dot_product_attention(&q, &k, &x(&[1, 4, 4, 3]), plain()),
            "dot_product_attention: a query of shape (1, 2, 4, 3), a key of shape (1, 5, 4, 3) and a value of shape (1, 4, 4, 3) do not fit; batch, source length and depth must agree, and the query's heads be a multiple of the others'",
        ),
        (
            ops::dot_product_attention(&q, &k, &k, plain().bias(&x(&[3, 5]))),
            "dot_product_attention: expected a bias that broadcasts to (1, 4, 2, 5), got shape (3, 5)",
        ),
        (
            ops::dot_product_attention(&q, &k, &k, plain().mask(&x(&[1, 5, 2]))),
            "dot_product_attention: expected a mask that broadcasts to (1, 4, 2, 5), got shape (1, 1, 5, 2)",
        ),
        (
            ops::binary_crossentropy(&a, &v, false),
            "binary_crossentropy: expected target and output of one shape, got (2, 3) and (3,)",
        ),
        (
            ops::categorical_crossentropy(&a, &v, false, -1),
            "categorical_crossentropy: expected target and output of one shape, got (2, 3) and (3,)",
        ),
        (
            ops::categorical_crossentropy(&a, &a, false, 2),
            "categorical_crossentropy: sum: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::sparse_categorical_crossentropy(&one(&[3]), &a, false, -1),
            "sparse_categorical_crossentropy: expected class numbers of shape (2,) for an output of shape (2, 3), got (3,)",
        ),
        (
            ops::sparse_categorical_crossentropy(&one(&[2]), &a, true, 3),
            "sparse_categorical_crossentropy: axis 3 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::ctc_loss(&one(&[2]), &out, &lengths, &lengths, 0),
            "ctc_loss: expected a target [batch, labels] and an output [batch, time, classes], got shapes (2,) and (2, 4, 3)",
        ),
        (
            ops::ctc_loss(&one(&[3, 1]), &out, &lengths, &lengths, 0),
            "ctc_loss: expected one batch size, got target (3, 1), output (2, 4, 3), target_length (2,) and output_length (2,)",
        ),
        (
            ops::ctc_loss(&one(&[2, 1]), &out, &lengths, &lengths, 3),
            "ctc_loss: mask_index 3 is not one of the 3 classes",
        ),
        (
            ops::ctc_loss(&one(&[2, 1]), &x(&[2, 0, 3]), &lengths, &lengths, 0),
            "ctc_loss: expected an output of at least one time step, got none",
        ),
        (decode(&a, &lengths, greedy, 0), "ctc_decode: expected [batch, time, classes], got shape (2, 3)"),
        (
            decode(&out, &one(&[3]), greedy, 0),
            "ctc_decode: expected sequence_lengths of shape (2,), got (3,)",
        ),
        (
            decode(&out, &lengths, greedy, 3),
            "ctc_decode: expected at least one time step, and mask_index below the number of classes; got 4 steps, 3 classes and mask_index 3",
        ),
        (
            decode(&out, &lengths, beam(0, 1), 0),
            "ctc_decode: expected a beam_width and top_paths of 1 or more, got 0 and 1",
        ),
        (
            decode(&out, &lengths, beam(1, usize::MAX), 0),
            "ctc_decode: no memory for 18446744073709551614 numbers",
        ),
        (
            traced.map(|_| a.clone()),
            "ctc_decode: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
        ),
    ];
    let mut wrong = Vec::new();
    for (i, (result, expected)) in cases.iter().enumerate() {
        let got = result.as_ref().map_or_else(|e| e.to_string(), |_| "no error".into());
        if got != *expected {
            wrong.push(format!("{i}: {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
