//! What wrong calls of functions that take, scatter and slice say.

use rhyton::ops::{self, Reduction};
use rhyton::{DType, Ellipsis, Function, Result, Tensor, Variable, every};

#[track_caller]
fn wrong(result: rhyton::Result<Tensor>, text: &str) {
    match result {
        Ok(x) => println!("{text}\tOK {x}"),
        Err(e) => println!("{text}\t{e}"),
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
    wrong(ops::take(x, &ints(2), 0), "@@0@@");
    wrong(ops::take(x, &ints(-7), None), "@@1@@");
    wrong(ops::take(x, &ints(0), 2), "@@2@@");
    wrong(ops::take(x, &Tensor::from([0.5f32]), 0), "@@3@@");
    wrong(ops::take(&ops::zeros([0], DType::F32).unwrap(), &ints(0), 0), "@@4@@");
    wrong(ops::take_along_axis(x, v, 0), "@@5@@");
    wrong(ops::take_along_axis(x, &Tensor::from([[0], [3]]), 1), "@@6@@");
    wrong(ops::take_along_axis(x, &Tensor::from([[0], [0], [0]]), 1), "@@7@@");
    wrong(ops::take_along_axis(x, &Tensor::from([[true], [true]]), 1), "@@8@@");
    wrong(x.i([2]), "@@9@@");
    wrong(x.i((.., [0, 3])), "@@10@@");
    wrong(x.i(([0, 1], [0, 1, 2])), "@@11@@");
    wrong(x.i((0, [0, -4])), "@@12@@");
    wrong(x.i(([0], [0], [0])), "@@13@@");
    wrong(x.i((Ellipsis, [0], Ellipsis)), "@@14@@");
    wrong(x.i(&Tensor::from([0.5f32])), "@@15@@");
    wrong(x.i([true]), "@@16@@");
    wrong(x.i((.., [true, false])), "@@17@@");
    wrong(x.i(&Tensor::from(true)), "@@18@@");
    wrong(x.i(&Tensor::from([[[true]]])), "@@19@@");
    wrong(x.i(([0], every(.., 0))), "@@20@@");
    wrong(ops::get_item(x, 5), "@@21@@");
    wrong(traced(|x| x.i(&ops::greater(x, &Tensor::from(0.0f32))?)), "@@22@@");
    wrong(ops::scatter(&Tensor::from([[4]]), v, &[3]), "@@23@@");
    wrong(ops::scatter(&Tensor::from([[4]]), &Tensor::from([1]), &[3]), "@@24@@");
    wrong(ops::scatter(s, v, &[3]), "@@25@@");
    wrong(ops::scatter(&Tensor::from([[0, 0]]), &Tensor::from([1]), &[3]), "@@26@@");
    wrong(ops::scatter(&Tensor::from([[0]]), &Tensor::from([1]), &[usize::MAX]), "@@27@@");
    wrong(ops::scatter_update(x, &Tensor::from([[0, 3]]), &Tensor::from([1]), Reduction::Add), "@@28@@");
    wrong(
        ops::scatter_update(x, &Tensor::from([[0]]), &Tensor::from([[1, 2]]), Reduction::Replace),
        "@@29@@",
    );
    wrong("mean".parse::<Reduction>().map(|_| s.clone()), "@@30@@");
    wrong(ops::slice(x, &[0], &[1, 1]), "@@31@@");
    wrong(ops::slice(x, &[0, 2], &[1, 2]), "@@32@@");
    wrong(ops::slice(x, &[3, 0], &[-1, 1]), "@@33@@");
    wrong(ops::slice(x, &[0, 0], &[-2, 1]), "@@34@@");
    wrong(ops::slice_update(x, &[0, 0], v), "@@35@@");
    wrong(ops::slice_update(x, &[1, 1], &Tensor::from([[1, 2, 3]])), "@@36@@");
    wrong(ops::slice_update(x, &[usize::MAX, 1], &Tensor::from([[1]])), "@@37@@");
    wrong(ops::dynamic_slice(x, v, &[1, 1]), "@@38@@");
    wrong(ops::dynamic_slice(x, &Tensor::from([0, 0]), &[3, 1]), "@@39@@");
    wrong(ops::dynamic_slice(x, &Tensor::from([0.0f32, 0.0]), &[1, 1]), "@@40@@");
    wrong(ops::dynamic_slice_update(x, &Tensor::from([0, 0]), v), "@@41@@");
    wrong(ops::segment_sum(x, v, 2), "@@42@@");
    wrong(ops::segment_max(v, &Tensor::from([0.0f32, 1.0, 1.0]), 2), "@@43@@");
    wrong(ops::segment_min(v, s, 2), "@@44@@");
    wrong(ops::segment_prod(v, v, usize::MAX), "@@45@@");
    wrong(traced(|x| ops::segment_sum(x, &ops::cast(x, DType::I32)?, None)), "@@46@@");
    wrong(many(ops::unravel_index(&ints(6), &[2, 3])), "@@47@@");
    wrong(many(ops::unravel_index(&Tensor::from([0.5f32]), &[2, 3])), "@@48@@");
    wrong(ops::multi_hot(v, 3, 5, DType::F32), "@@49@@");
    wrong(variable.assign(v).map(|()| s.clone()), "@@50@@");
    wrong(variable.assign_at(2, s).map(|()| s.clone()), "@@51@@");
    wrong(variable.assign_at((.., 0), v).map(|()| s.clone()), "@@52@@");
    wrong(variable.assign_add_at(([0, 1], [0, 2]), s).map(|()| s.clone()), "@@53@@");
}
