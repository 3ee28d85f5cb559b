//! Operations on whole tensors against loops over their elements.

use super::Cx;
use rhyton::SeedGenerator;
use rhyton::prelude::*;
use serde_json::json;
use std::hint::black_box;
use std::time::Instant;

type Matrix = Vec<Vec<f32>>;

// Loops as a beginner writes them.
#[allow(clippy::needless_range_loop)]
fn naive_each(x: &Matrix, f: impl Fn(f32, usize, usize) -> f32) -> Matrix {
    let mut x = x.clone();
    for i in 0..x.len() {
        for j in 0..x[i].len() {
            x[i][j] = f(x[i][j], i, j);
        }
    }
    x
}

fn naive_relu(x: &Matrix) -> Matrix {
    naive_each(x, |x, _, _| x.max(0.0))
}

fn naive_add(x: &Matrix, y: &Matrix) -> Matrix {
    naive_each(x, |x, i, j| x + y[i][j])
}

fn naive_add_matrix_and_vector(x: &Matrix, y: &[f32]) -> Matrix {
    naive_each(x, |x, _, j| x + y[j])
}

fn naive_vector_dot(x: &[f32], y: &[f32]) -> f32 {
    let mut z = 0.0;
    for i in 0..x.len() {
        z += x[i] * y[i];
    }
    z
}

fn naive_matrix_vector_dot(x: &Matrix, y: &[f32]) -> Vec<f32> {
    x.iter().map(|row| naive_vector_dot(row, y)).collect()
}

fn naive_matrix_dot(x: &Matrix, y: &Matrix) -> Matrix {
    let column = |j: usize| y.iter().map(|row| row[j]).collect::<Vec<f32>>();
    x.iter().map(|row| (0..y[0].len()).map(|j| naive_vector_dot(row, &column(j))).collect()).collect()
}

fn rows(x: &Tensor) -> Result<Matrix> {
    Ok(x.to_vec::<f32>()?.chunks(x.shape()[1]).map(<[f32]>::to_vec).collect())
}

/// Microseconds a call, the best of several rounds.
fn time<T>(rounds: usize, times: usize, f: impl Fn() -> T) -> f64 {
    let round = |_| {
        let start = Instant::now();
        (0..times).for_each(|_| _ = black_box(f()));
        start.elapsed().as_secs_f64() / times as f64 * 1e6
    };
    (0..rounds).map(round).fold(f64::INFINITY, f64::min)
}

/// Times both, then shows what shapes come of broadcasting, products and reshaping.
pub fn run(cx: &Cx) -> Result<()> {
    let seeds = SeedGenerator::new(None);
    let random = |shape: &[usize]| seeds.uniform(shape, -1.0, 1.0, F32);
    let (x, y, w) = (random(&[20, 100])?, random(&[20, 100])?, random(&[100, 32])?);
    let (v, bias) = (random(&[100])?, random(&[100])?);
    let (nx, ny, nw, nv, nb) = (rows(&x)?, rows(&y)?, rows(&w)?, v.to_vec::<f32>()?, bias.to_vec::<f32>()?);
    let both = compiled(|t: &[Tensor]| Ok(vec![(&t[0] + &t[1]).relu()]));
    let pair = [x.clone(), y.clone()];
    let mut figures = Vec::new();
    cx.report.line("microseconds a call on (20, 100), the best of 5 rounds of 1000:");
    macro_rules! compare {
        ($($what:literal: $naive:expr, $whole:expr;)*) => {$({
            let (slow, fast) = (time(5, 1000, || $naive), time(5, 1000, || $whole));
            cx.report.line(format!("{:<24} loops {slow:8.2}  tensors {fast:8.2}  ratio {:6.1}", $what, slow / fast));
            figures.push(json!({ "operation": $what, "loops_us": slow, "tensors_us": fast }));
        })*};
    }
    compare! {
        "relu": naive_relu(&nx), x.relu();
        "add": naive_add(&nx, &ny), &x + &y;
        "add a vector": naive_add_matrix_and_vector(&nx, &nb), &x + &bias;
        "vector · vector": naive_vector_dot(&nv, &nb), v.matmul(&bias);
        "matrix · vector": naive_matrix_vector_dot(&nx, &nv), x.matmul(&v);
        "matrix · matrix": naive_matrix_dot(&nx, &nw), x.matmul(&w);
        "relu(x + y), compiled": naive_relu(&naive_add(&nx, &ny)), both.call(&pair);
    }

    let shape = |what: &str, x: Result<Tensor>| -> Result<Vec<usize>> {
        let shape = x?.shape().to_vec();
        cx.report.line(format!("{what}: {shape:?}"));
        Ok(shape)
    };
    let zeros = |shape: &[usize]| ops::zeros(shape, F32);
    let shapes = [
        shape("(32, 10) + (10,)", ops::add(&zeros(&[32, 10])?, &zeros(&[10])?))?,
        shape(
            "maximum((64, 3, 32, 10), (32, 10))",
            ops::maximum(&zeros(&[64, 3, 32, 10])?, &zeros(&[32, 10])?),
        )?,
        shape("(2, 3, 4, 5)·(5,)", zeros(&[2, 3, 4, 5])?.matmul(&zeros(&[5])?))?,
        shape("(2, 3, 4, 5)·(5, 6)", zeros(&[2, 3, 4, 5])?.matmul(&zeros(&[5, 6])?))?,
        shape("(3, 2) as (6, 1)", zeros(&[3, 2])?.reshape([6, 1]))?,
        shape("(6, 1) as (2, 3)", zeros(&[6, 1])?.reshape([2, 3]))?,
        shape("(300, 20) transposed", Ok(zeros(&[300, 20])?.t()))?,
        shape("(2, 3, 4, 5) reversed", ops::transpose(&zeros(&[2, 3, 4, 5])?, None))?,
        shape("(3, 4) with a new first axis", zeros(&[3, 4])?.expand_dims(0))?,
        shape("32 copies of it", ops::concatenate(&vec![&zeros(&[1, 10])?; 32], 0))?,
        shape("(1, 10) tiled (32, 1)", ops::tile(&zeros(&[1, 10])?, &[32, 1]))?,
    ];
    cx.report.object(&json!({ "timings": figures, "shapes": shapes }));
    Ok(())
}
