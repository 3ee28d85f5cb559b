//! Wrong calls of Fourier transforms and windows, and what is said about them.

use rhyton::ops::{self, StftFrames, Window};
use rhyton::{DType, Result, Tensor};

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn assert_says<T>(result: Result<T>, text: &str) {
    match result {
        Ok(_) => panic!("expected the error {text:?}"),
        Err(e) => assert_eq!(e.to_string(), text),
    }
}

#[test]
fn transforms() {
    let (scalar, v3, m23) = (Tensor::from(1.0f32), zeros([3]), zeros([2, 3]));
    let whole = zeros([3]).cast(DType::I32);
    assert_says(ops::fft(&whole, &v3), "fft: expected floats, got int32; cast them");
    assert_says(ops::fft2(&m23, &whole), "fft2: expected floats, got int32; cast them");
    assert_says(ops::ifft2(&whole, &whole), "ifft2: expected floats, got int32; cast them");
    assert_says(ops::irfft(&whole, &whole, None), "irfft: expected floats, got int32; cast them");
    assert_says(
        ops::fft(&v3, &m23),
        "fft: expected real and imaginary parts of one shape, got (3,) and (2, 3)",
    );
    assert_says(
        ops::irfft(&v3, &zeros([4]), Some(6)),
        "irfft: expected real and imaginary parts of one shape, got (3,) and (4,)",
    );
    assert_says(ops::fft(&scalar, &scalar), "fft: expected rank 1 or more, got a scalar");
    assert_says(ops::fft2(&v3, &v3), "fft2: expected rank 2 or more, got shape (3,)");
    assert_says(ops::ifft2(&v3, &v3), "ifft2: expected rank 2 or more, got shape (3,)");
    assert_says(ops::rfft(&scalar, None), "rfft: expected rank 1 or more, got a scalar");
    assert_says(ops::rfft(&v3, Some(0)), "rfft: expected a transform of at least 1 place, got 0");
    assert_says(ops::rfft(&zeros([2, 0]), None), "rfft: expected a transform of at least 1 place, got 0");
    assert_says(
        ops::irfft(&zeros([1]), &zeros([1]), None),
        "irfft: expected a transform of at least 1 place, got 0",
    );
    assert!(ops::rfft(&m23, Some(usize::MAX)).is_err());
}

#[test]
fn short_time_transforms() {
    let x = zeros([12]);
    let frames = StftFrames::new(4, 2, 4);
    assert_says(
        ops::stft(&x.cast(DType::F16), &frames),
        "stft: expected float32 or float64, got float16; cast it",
    );
    assert_says(ops::stft(&Tensor::from(1.0f32), &frames), "stft: expected rank 1 or more, got a scalar");
    for (length, stride, fft) in [(4, 2, 3), (0, 2, 4), (4, 0, 4)] {
        assert_says(
            ops::stft(&x, &StftFrames::new(length, stride, fft)),
            &format!(
                "stft: expected 0 < sequence_length <= fft_length and 0 < sequence_stride, got sequence_length \
                 {length}, fft_length {fft}, sequence_stride {stride}"
            ),
        );
    }
    assert_says(
        ops::stft(&zeros([2]), &frames),
        "stft: expected a signal of more than 2 places (half the fft_length), to be mirrored at its ends, got 2; \
         use center(false)",
    );
    assert_says(
        ops::stft(&zeros([3]), &frames.clone().center(false)),
        "stft: expected a signal of at least 4 places (the fft_length), got 3",
    );
    let given = frames.clone().window(Window::Of(zeros([3])));
    assert_says(
        ops::stft(&x, &given),
        "stft: expected a window of shape (4,), the sequence_length, got (3,)",
    );
    assert_says(
        ops::istft(&x, &x, &frames, None),
        "istft: expected shape (…, frames, bins) with frames, got (12,)",
    );
    assert_says(
        ops::istft(&zeros([0, 3]), &zeros([0, 3]), &frames, None),
        "istft: expected shape (…, frames, bins) with frames, got (0, 3)",
    );
    assert_says(
        ops::istft(&x.cast(DType::I32), &x, &frames, None),
        "istft: expected float32 or float64, got int32; cast it",
    );
    assert!(
        ops::istft(&zeros([3, 3]), &zeros([3, 3]), &StftFrames::new(4, usize::MAX / 4, 4), None).is_err()
    );
    assert!(ops::stft(&x, &StftFrames::new(1, 1, usize::MAX)).is_err());
}

#[test]
fn windows() {
    assert_says(ops::kaiser(5, f64::NAN), "kaiser: expected a finite beta, got NaN");
    assert_says(ops::kaiser(5, f64::INFINITY), "kaiser: expected a finite beta, got inf");
    assert_says(
        ops::hanning(usize::MAX),
        &format!("hanning: a window of {} numbers does not fit into memory", usize::MAX),
    );
    assert!(ops::bartlett(usize::MAX / 2).is_err());
}
