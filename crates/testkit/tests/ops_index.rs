//! Indices, scattering, slices and segments, against NumPy and Keras.

use rhyton::ops::{self, ScatterReduction};
use rhyton::{Ellipsis, NewAxis, Result, Span, Tensor, TensorIndex, Variable};
use rhyton_testkit::cases::{self, Kw};
use rhyton_testkit::fuzz::{self, skipped};

#[test]
fn index() {
    cases::run("index", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    fuzz::run("index", dispatch);
}

/// An index as the script spells it; `{"t": k}` is argument `k + shift`.
fn parts(x: &[Tensor], kw: &Kw, shift: usize) -> Vec<TensorIndex> {
    let part = |v: &serde_json::Value| -> TensorIndex {
        if v.is_null() {
            return NewAxis.into();
        }
        if v.is_string() {
            return Ellipsis.into();
        }
        if let Some(place) = v.as_i64() {
            return TensorIndex::At(place as isize);
        }
        if let Some(k) = v["t"].as_u64() {
            return x.get(k as usize + shift).map_or(Ellipsis.into(), TensorIndex::from);
        }
        let end = |i: usize| v["s"][i].as_i64().map(|n| n as isize);
        Span::new(end(0), end(1), end(2).unwrap_or(1)).into()
    };
    kw.get("index").unwrap().as_array().unwrap().iter().map(part).collect()
}

/// A size that memory holds easily or never; what lies between only takes long.
fn size(n: isize) -> Result<usize> {
    if (1 << 16..1 << 40).contains(&n) {
        return skipped();
    }
    Ok(n as usize)
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let segments = kw.int("num_segments").map(size).transpose()?;
    // Without a number of segments it is the largest of their numbers.
    if name.starts_with("segment") && segments.is_none() && x[1].to_f64s()?.iter().any(|&id| id > 1e5) {
        return skipped();
    }
    let one = match name {
        "take" => ops::take(&x[0], &x[1], kw.int("axis")),
        "take_along_axis" => ops::take_along_axis(&x[0], &x[1], kw.int("axis")),
        "get_item" => {
            let a = ops::get_item(&x[0], parts(x, kw, 0))?;
            if a.has_numbers() {
                assert!(a.bit_equal(&x[0].i(parts(x, kw, 0))?));
            }
            Ok(a)
        }
        "assign_at" | "assign_add_at" if !x[0].has_numbers() => skipped(),
        "assign_at" => {
            let v = Variable::new(x[0].clone());
            v.assign_at(parts(x, kw, 1), &x[1])?;
            Ok(v.value())
        }
        "assign_add_at" => {
            let v = Variable::new(x[0].clone());
            v.assign_add_at(parts(x, kw, 1), &x[1])?;
            Ok(v.value())
        }
        "scatter" => {
            let shape = kw.ints("shape").unwrap().into_iter().map(size).collect::<Result<Vec<_>>>()?;
            ops::scatter(&x[0], &x[1], &shape)
        }
        "scatter_update" => {
            let reduction = kw.text("reduction").map_or(Ok(ScatterReduction::Replace), str::parse)?;
            ops::scatter_update(&x[0], &x[1], &x[2], reduction)
        }
        "slice" => ops::slice(&x[0], &kw.sizes("start").unwrap(), &kw.ints("shape").unwrap()),
        "slice_update" => ops::slice_update(&x[0], &kw.sizes("start").unwrap(), &x[1]),
        "dynamic_slice" => ops::dynamic_slice(&x[0], &x[1], &kw.sizes("shape").unwrap()),
        "dynamic_slice_update" => ops::dynamic_slice_update(&x[0], &x[1], &x[2]),
        "segment_sum" => ops::segment_sum(&x[0], &x[1], segments),
        "segment_max" => ops::segment_max(&x[0], &x[1], segments),
        "segment_min" => ops::segment_min(&x[0], &x[1], segments),
        "segment_prod" => ops::segment_prod(&x[0], &x[1], segments),
        "unravel_index" => return ops::unravel_index(&x[0], &kw.sizes("shape").unwrap()),
        "multi_hot" => {
            let classes = size(kw.int("num_classes").unwrap())?;
            ops::multi_hot(&x[0], classes, kw.int("axis").unwrap(), kw.text("dtype").unwrap().parse()?)
        }
        other => panic!("no function {other}"),
    };
    Ok(vec![one?])
}

/// Assignments to parts are functions of the state when they are compiled, with computed places too.
#[test]
fn compiled_functions_assign_to_parts() {
    let v = Variable::new(Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]));
    let eager = Variable::new(v.value());
    let change = |v: &Variable, places: &Tensor, x: &Tensor| -> Result<Tensor> {
        v.assign_at((places, 1), x)?;
        v.assign_add_at(0, &Tensor::from(10.0f32))?;
        v.assign_sub_at((.., 0), x)?;
        v.i((1.., 0))
    };
    let (places, x) = (Tensor::from([2, 0, 1]), Tensor::from([7.0f32, 8.0, 9.0]));
    let traced = v.clone();
    let function = rhyton::Function::trace(&[places.meta(), x.meta()], move |a| {
        Ok(vec![change(&traced, &a[0], &a[1])?])
    })
    .unwrap();
    for _ in 0..2 {
        let got = function.call(&[&places, &x]).unwrap().swap_remove(0);
        assert!(got.bit_equal(&change(&eager, &places, &x).unwrap()));
        assert!(v.value().bit_equal(&eager.value()), "{} {}", v.value(), eager.value());
    }
}

/// An index with a computed place outside of its axis fails when it runs and changes nothing before.
#[test]
fn places_are_checked_where_they_are_computed() {
    let at = Tensor::from([0, 5]);
    let x = Tensor::from([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let function =
        rhyton::Function::trace(&[x.meta(), at.meta()], |a| Ok(vec![a[0].i((.., &a[1]))?])).unwrap();
    let e = function.call(&[&x, &at]).unwrap_err().to_string();
    assert!(e.contains("index 5 is out of bounds for axis 1 with size 3; use -3 to 2"), "{e}");
}
