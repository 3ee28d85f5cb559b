//! What wrong calls of functions that reshape, join, cut and rearrange say.

use rhyton::ops::{self, PadMode};
use rhyton::{DType, Tensor};

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

#[test]
fn wrong_calls_say_what_is_wrong() {
    let x = &Tensor::from([[1, 2, 3], [4, 5, 6]]);
    let v = &Tensor::from([1, 2, 3]);
    let s = &Tensor::from(7);
    wrong(ops::reshape(x, [4, 2]), "@@0@@");
    wrong(ops::reshape(x, [-1, -1]), "@@1@@");
    wrong(ops::reshape(x, [-2, 3]), "@@2@@");
    wrong(ops::transpose(x, Some(&[0, 0])), "@@3@@");
    wrong(ops::broadcast_to(x, &[3, 2]), "@@4@@");
    wrong(ops::expand_dims(x, 4), "@@5@@");
    wrong(ops::expand_dims(x, [0, 0]), "@@6@@");
    wrong(ops::expand_dims(x, ..), "@@7@@");
    wrong(ops::squeeze(x, 0), "@@8@@");
    wrong(ops::squeeze(x, 5), "@@9@@");
    wrong(ops::moveaxis(x, &[0], &[1, 0]), "@@10@@");
    wrong(ops::moveaxis(x, &[3], &[0]), "@@11@@");
    wrong(ops::swapaxes(x, 0, 2), "@@12@@");
    wrong(ops::view(s, DType::U8), "@@13@@");
    wrong(ops::view(v, DType::F64), "@@14@@");
    wrong(ops::view(v, DType::Bool), "@@15@@");
    wrong(ops::concatenate(&[], 0), "@@16@@");
    wrong(ops::concatenate(&[x, v], 0), "@@17@@");
    wrong(ops::stack(&[x, v], 0), "@@18@@");
    wrong(ops::hstack(&[x, &x.t()]), "@@19@@");
    wrong(ops::vstack(&[]), "@@20@@");
    wrong(ops::append(x, v, 0), "@@21@@");
    wrong(many(ops::split(x, 2, 1)), "@@22@@");
    wrong(many(ops::split(x, 0, 0)), "@@23@@");
    wrong(many(ops::array_split(x, -1, 0)), "@@24@@");
    wrong(many(ops::array_split(x, 1_000_000_000, 0)), "@@25@@");
    wrong(many(ops::hsplit(s, 1)), "@@26@@");
    wrong(many(ops::vsplit(v, 1)), "@@27@@");
    wrong(many(ops::dsplit(x, 1)), "@@28@@");
    wrong(many(ops::unstack(x, 2)), "@@29@@");
    wrong(ops::flip(x, 2), "@@30@@");
    wrong(ops::fliplr(v), "@@31@@");
    wrong(ops::rot90(v, 1, [0, 1]), "@@32@@");
    wrong(ops::rot90(x, 1, [1, -1]), "@@33@@");
    wrong(ops::roll(x, &[1, 2, 3], Some(&[0, 1])), "@@34@@");
    wrong(ops::roll(x, &[1], Some(&[2])), "@@35@@");
    wrong(ops::tile(x, &[usize::MAX, 2]), "@@36@@");
    wrong(ops::repeat(x, [1, 2], 1), "@@37@@");
    wrong(ops::repeat(x, usize::MAX, 0), "@@38@@");
    wrong(ops::repeat(x, [usize::MAX, 2], 0), "@@39@@");
    wrong(ops::pad(x, &[(1, 1); 3], PadMode::Edge), "@@40@@");
    wrong(ops::pad(x, &[(usize::MAX, 1)], PadMode::Wrap), "@@41@@");
    wrong(ops::pad(&ops::zeros([0], DType::F32).unwrap(), &[(1, 0)], PadMode::Reflect), "@@42@@");
    wrong(ops::diff(x, 1, 2), "@@43@@");
    wrong(ops::extract_sequences(v, 0, 1), "@@44@@");
    wrong(ops::extract_sequences(s, 1, 1), "@@45@@");
    wrong(ops::depth_to_space(x, 2, "channels_last"), "@@46@@");
    wrong(ops::depth_to_space(&ops::zeros([1, 1, 1, 6], DType::F32).unwrap(), 2, "channels_last"), "@@47@@");
    wrong(ops::space_to_depth(&ops::zeros([1, 3, 2, 1], DType::F32).unwrap(), 2, "channels_last"), "@@48@@");
    wrong(ops::space_to_depth(x, 2, "nhwc"), "@@49@@");
    wrong(ops::space_to_depth(&ops::zeros([1, 2, 2, 1], DType::F32).unwrap(), 0, "channels_last"), "@@50@@");
    wrong(ops::rearrange(x, "a b", &[]), "@@51@@");
    wrong(ops::rearrange(x, "a b -> a", &[]), "@@52@@");
    wrong(ops::rearrange(x, "a b -> b a c", &[]), "@@53@@");
    wrong(ops::rearrange(x, "a a -> a a", &[]), "@@54@@");
    wrong(ops::rearrange(x, "(a b -> a b", &[]), "@@55@@");
    wrong(ops::rearrange(x, "a b) -> a b", &[]), "@@56@@");
    wrong(ops::rearrange(x, "((a b)) -> a b", &[]), "@@57@@");
    wrong(ops::rearrange(x, "a -> a", &[]), "@@58@@");
    wrong(ops::rearrange(x, "a (b c) -> a b c", &[]), "@@59@@");
    wrong(ops::rearrange(x, "a (b c) -> a b c", &[("b", 2)]), "@@60@@");
    wrong(ops::rearrange(x, "a b -> b a", &[("q", 2)]), "@@61@@");
    wrong(ops::rearrange(x, "a 1 -> 1 a", &[]), "@@62@@");
    wrong(ops::diag(s, 0), "@@63@@");
    wrong(ops::diag(v, isize::MAX), "@@64@@");
    wrong(ops::diagflat(v, isize::MIN), "@@65@@");
    wrong(ops::diagonal(v, 0, 0, 1), "@@66@@");
    wrong(ops::diagonal(x, 0, 1, 1), "@@67@@");
    wrong(ops::trace(x, 0, 0, 3), "@@68@@");
    wrong(ops::tril(v, 0), "@@69@@");
    wrong(ops::vander(x, 2, false), "@@70@@");
    wrong(ops::vander(v, usize::MAX, false), "@@71@@");
    wrong(ops::vander(&Tensor::from([true]), None, false), "@@72@@");
}
