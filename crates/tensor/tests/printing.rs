//! Tensors print as NumPy prints arrays: the cases of golden/print.txt, which golden/make_golden.py writes.

use rhyton_base::{Result, bf16, f16};
use rhyton_ops::{Meta, OpRef, Value};
use rhyton_tensor::{DType, Tensor, Tracer, Variable, every};
use std::sync::Arc;

fn bytes(hex: &str) -> Vec<u8> {
    let digits = if hex == "-" { "" } else { hex };
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

fn print(x: &Tensor, precision: &str) -> String {
    match precision {
        "-" => x.to_string(),
        p => format!("{x:.*}", p.parse().unwrap()),
    }
}

#[test]
fn prints_as_numpy_does() {
    let cases = include_str!("golden/print.txt");
    let (mut count, mut wrong) = (0, Vec::new());
    for case in cases.split("case ").skip(1) {
        let (header, lines) = case.split_once('\n').unwrap();
        let fields: Vec<&str> = header.split(' ').collect();
        let [dtype, shape, precision, hex] = fields[..] else { panic!("{header}") };
        let shape: Vec<usize> = shape.split(',').filter(|n| *n != "-").map(|n| n.parse().unwrap()).collect();
        let x = Tensor::from_bytes(&bytes(hex), dtype.parse().unwrap(), &shape).unwrap();
        let expected: Vec<&str> = lines.lines().map(|l| l.strip_prefix('|').unwrap()).collect();
        let (expected, got) = (expected.join("\n"), print(&x, precision));
        count += 1;
        if got != expected {
            wrong.push(format!("{dtype} {shape:?} {precision}: expected\n{expected}\ngot\n{got}"));
        }
    }
    assert!(count > 400, "{count} cases");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn views_print_as_their_copies() {
    let x = Tensor::from_slice(&(0..2000).map(|i| i as f32 / 8.0).collect::<Vec<_>>(), [40, 50]).unwrap();
    let views = [
        x.t(),
        x.i((.., every(.., -7))).unwrap(),
        x.i((3..5, ..4)).unwrap(),
        x.i((39, 49)).unwrap(),
        rhyton_tensor::ops::broadcast_to(&x.i((0, ..3)).unwrap(), &[2, 2, 3]).unwrap(),
    ];
    for view in views {
        let copy = Tensor::from_slice(&view.to_vec::<f32>().unwrap(), view.shape()).unwrap();
        assert_eq!(view.to_string(), copy.to_string());
        assert_eq!(format!("{view:.1}"), format!("{copy:.1}"));
    }
}

/// Abbreviation reads only the corners, so that it does not matter how large a tensor is.
#[test]
fn huge_tensors_print_at_once() {
    let x = rhyton_tensor::ops::broadcast_to(&Tensor::from(0.5f32), &[1 << 20, 1 << 20]).unwrap();
    let row = "[0.5 0.5 0.5 ... 0.5 0.5 0.5]";
    assert_eq!(x.to_string(), format!("[{row}\n {row}\n {row}\n ...\n {row}\n {row}\n {row}]"));
}

/// Every number of 16 bits prints with digits that lie nearer to it than to its neighbours.
#[test]
fn half_precision_numbers_parse_back() {
    fn check(bits: u16, value: impl Fn(u16) -> f64, text: String) {
        let parsed: f64 = text.parse().unwrap();
        let x = value(bits);
        if !x.is_finite() {
            return assert!(x == parsed || (x.is_nan() && parsed.is_nan()), "{text}");
        }
        assert_eq!(x.is_sign_negative(), parsed.is_sign_negative(), "{text}");
        let distance = (x - parsed).abs();
        // Zero has nothing below it; what stands there in the order of bits is not a number.
        for there in [bits.wrapping_sub(1), bits + 1].map(|b| (value(b) - parsed).abs()) {
            let nearer = there < distance || (there == distance && bits % 2 == 1);
            assert!(!nearer, "{text} stands for {x:e}");
        }
    }
    for bits in 0..=u16::MAX {
        check(bits, |b| f16::from_bits(b).to_f64(), Tensor::from(f16::from_bits(bits)).to_string());
        check(bits, |b| bf16::from_bits(b).to_f64(), Tensor::from(bf16::from_bits(bits)).to_string());
    }
}

#[test]
fn debug_shows_shape_and_type() {
    let debug = |x: Tensor| format!("{x:?}");
    assert_eq!(debug(Tensor::from(1.5f64)), "<Tensor: shape=(), dtype=float64, numpy=1.5>");
    assert_eq!(debug(Tensor::from([true, false])), "<Tensor: shape=(2,), dtype=bool, numpy=[ True False]>");
    assert_eq!(
        debug(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]])),
        "<Tensor: shape=(2, 2), dtype=float32, numpy=\n[[1. 2.]\n [3. 4.]]>"
    );
    let empty = Tensor::from_slice::<i64>(&[], [2, 0]).unwrap();
    assert_eq!(debug(empty), "<Tensor: shape=(2, 0), dtype=int64, numpy=[]>");
    assert_eq!(
        format!("{:.2?}", Tensor::from([1.0f32 / 3.0])),
        "<Tensor: shape=(1,), dtype=float32, numpy=[0.33]>"
    );
}

#[test]
fn traced_tensors_show_no_numbers() {
    struct Nothing;
    impl Tracer for Nothing {
        fn emit(&self, _: &OpRef, _: &[Tensor], _: &[Meta]) -> Result<Vec<Tensor>> {
            Ok(Vec::new())
        }
        fn read(&self, v: &Variable) -> Result<Tensor> {
            Ok(v.concrete_value())
        }
        fn assign(&self, _: &Variable, _: &Tensor) -> Result<()> {
            Ok(())
        }
    }
    let x = Tensor::traced(Arc::new(Nothing), Value(0), DType::F32, vec![2]);
    assert_eq!(format!("{x}"), "<Tensor traced shape=(2,), dtype=float32>");
    assert_eq!(format!("{x:?}"), "<Tensor traced shape=(2,), dtype=float32>");
}
