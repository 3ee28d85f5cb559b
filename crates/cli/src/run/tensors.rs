//! What tensors are: ranks, shapes, types, slices, and the shapes of real data.

use super::Cx;
use rhyton::datasets::mnist;
use rhyton::every;
use rhyton::prelude::*;
use rhyton::viz::{Image, ImageGrid};
use serde_json::json;

/// Looks at tensors of rank 0 to 5, then at the digits.
pub fn run(cx: &Cx) -> Result<()> {
    let scalar = Tensor::from(12);
    let vector = Tensor::from([12, 3, 6, 14, 7]);
    let matrix = Tensor::from([[5, 78, 2, 34, 0], [6, 79, 3, 35, 1], [7, 80, 4, 36, 2]]);
    let cube = ops::stack(&[&matrix, &matrix, &matrix], 0)?;
    for (name, x) in [("scalar", &scalar), ("vector", &vector), ("matrix", &matrix), ("cube", &cube)] {
        cx.report.line(format!("{name}: ndim {}, shape {:?}, dtype {}", x.rank(), x.shape(), x.dtype()));
    }
    cx.report.line(format!("{matrix}"));

    let ((images, labels), _) = mnist::load_data()?;
    cx.report.line(format!(
        "\nthe digits: ndim {}, shape {:?}, dtype {}",
        images.rank(),
        images.shape(),
        images.dtype()
    ));
    let label = labels.i(4)?.item::<u8>()?;
    let digit = Image::gray(28, 28, &images.i(4)?.to_vec::<u8>()?)?;
    let picture = cx.out.join("digit.png");
    ImageGrid::new(1).cmap("binary").image(digit, format!("label {label}")).save(&picture)?;
    cx.report.line(format!("the fourth digit after the first is a {label}: {}", picture.display()));

    // Slices are views: nothing is copied.
    // Ends below 0 count from the back, which clippy takes for empty ranges.
    #[allow(clippy::reversed_empty_ranges)]
    let slices = [
        ("[10:100]", images.i(10..100)?),
        ("[10:100, :, :]", images.i((10..100, .., ..))?),
        ("[10:100, 0:28, 0:28]", images.i((10..100, 0..28, 0..28))?),
        ("[:, 14:, 14:]", images.i((.., 14.., 14..))?),
        ("[:, 7:-7, 7:-7]", images.i((.., 7..-7, 7..-7))?),
        ("[::2]", images.i(every(.., 2))?),
        ("[::-1]", images.i(every(.., -1))?),
    ];
    for (index, part) in &slices {
        cx.report.line(format!("images{index}: shape {:?}", part.shape()));
    }
    let n = 3;
    let batch = images.i(128 * n..128 * (n + 1))?;
    cx.report.line(format!("batch number {n}: shape {:?}", batch.shape()));

    // The shapes of data in the world, and what they take in memory.
    let kinds: [(&str, &[usize], DType); 6] = [
        ("people: age, gender, income", &[100_000, 3], F32),
        ("text: counts of 20,000 words in 500 documents", &[500, 20_000], F32),
        ("stock prices: days, minutes, values", &[250, 390, 3], F32),
        ("images, channels last", &[128, 256, 256, 3], F32),
        ("images, channels first", &[128, 3, 256, 256], F32),
        ("video: clips, frames, height, width, color", &[4, 240, 144, 256, 3], F32),
    ];
    let mut video = 0;
    for (what, shape, dtype) in kinds {
        // Broadcasting one number makes a tensor of any shape without memory for it.
        let x = ops::broadcast_to(&ops::zeros([], dtype)?, shape)?;
        cx.report.line(format!(
            "{what}: {:?} {} takes {:.1} MiB",
            x.shape(),
            x.dtype(),
            x.nbytes() as f64 / f64::from(1 << 20)
        ));
        video = x.nbytes();
    }
    let shapes: Vec<_> = slices.iter().map(|(i, x)| json!({"index": i, "shape": x.shape()})).collect();
    cx.report.object(&json!({
        "ndim": images.rank(), "shape": images.shape(), "dtype": images.dtype().name(), "label": label,
        "slices": shapes, "batch": batch.shape(), "video_bytes": video,
        "picture": picture.display().to_string(),
    }));
    Ok(())
}
