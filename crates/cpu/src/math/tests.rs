//! The functions against the standard library's for `f64`.

use super::exp::{EXP_MAX, EXP_MIN};
use super::*;

/// What one step in the last place of an `f32` near `y` is.
fn ulp(y: f64) -> f64 {
    let exponent = (((y.to_bits() >> 52) & 0x7ff) as i64 - 1023).max(-126);
    f64::from_bits(((exponent - 23 + 1023) as u64) << 52)
}

/// The error of `y` in ulp of `exact`; infinite where one is NaN and the other not. Overflow may set in one ulp
/// early or late, and 0 may be returned for subnormal results.
fn error(y: f32, exact: f64) -> f64 {
    if exact.is_nan() || y.is_nan() {
        return if exact.is_nan() && y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if y == 0.0 && exact.abs() < f32::MIN_POSITIVE as f64 {
        return 0.0;
    }
    // What lies beyond the largest f32 counts as 2¹²⁸.
    const BEYOND: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
    let y = (y as f64).clamp(-BEYOND, BEYOND);
    let exact = exact.clamp(-BEYOND, BEYOND);
    (y - exact).abs() / ulp(exact.abs().min(f32::MAX as f64))
}

/// Checks every 1009th `f32` up to `range` in absolute value, and all those near special points.
fn scan(function: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64, range: f32, limit: f64) {
    let check = |bits: u32| {
        let x = f32::from_bits(bits);
        if x.abs() <= range || x.is_nan() {
            let (y, exact) = (function(x), exact(x as f64));
            let error = error(y, exact);
            assert!(error <= limit, "at {x:e}: {y:e} instead of {exact:e}, {error} ulp");
        }
    };
    (0..=u32::MAX / 1009).for_each(|i| check(i * 1009));
    let points = [
        0.0,
        f32::MIN_POSITIVE,
        f32::EPSILON,
        2.0e-8,
        std::f32::consts::LN_2 / 2.0,
        0.5,
        0.55,
        std::f32::consts::FRAC_1_SQRT_2,
        1.0,
        std::f32::consts::SQRT_2,
        std::f32::consts::FRAC_PI_2,
        std::f32::consts::PI,
        4.0,
        9.01,
        16.635_532,
        17.328_68,
        20.0,
        -EXP_MIN,
        EXP_MAX,
        89.415_985,
        8_388_608.0,
        33_554_432.0,
        f32::INFINITY,
    ];
    for point in points {
        for offset in -300..=300_i32 {
            let bits = f32::to_bits(point).wrapping_add_signed(offset);
            check(bits & 0x7fff_ffff);
            check(bits | 0x8000_0000);
        }
    }
}

macro_rules! scans {
    ($($name:ident: $exact:expr, $range:expr, $limit:expr;)*) => {
        mod errors {
            use super::*;
            $(#[test]
            fn $name() {
                scan(|x| super::$name(x), $exact, $range, $limit);
            })*
        }
    };
}

const ALL: f32 = f32::INFINITY;

scans! {
    exp: f64::exp, ALL, 1.1;
    expm1: f64::exp_m1, ALL, 1.5;
    sigmoid: f64_::sigmoid, ALL, 1.8;
    tanh: f64::tanh, ALL, 1.4;
    sinh: f64::sinh, ALL, 1.3;
    cosh: f64::cosh, ALL, 1.3;
    log: f64::ln, ALL, 1.0;
    log1p: f64::ln_1p, ALL, 1.5;
    log2: f64::log2, ALL, 1.0;
    log10: f64::log10, ALL, 1.0;
    sin: f64::sin, SIN_COS_MAX, 1.1;
    cos: f64::cos, SIN_COS_MAX, 1.1;
    erf: f64_::erf, ALL, 1.3;
    rsqrt: f64_::rsqrt, ALL, 1.5;
}

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn rounding_is_exact() {
    let check = |x: f32| {
        assert!(same(round(x), x.round_ties_even()), "round({x:e})");
        assert!(same(floor(x), x.floor()), "floor({x:e})");
        assert!(same(ceil(x), x.ceil()), "ceil({x:e})");
        assert!(same(trunc(x), x.trunc()), "trunc({x:e})");
    };
    (0..=u32::MAX / 4013).for_each(|i| check(f32::from_bits(i * 4013)));
    (-4000..=4000).for_each(|i| check(i as f32 / 8.0));
    for power in 20..26 {
        (-9..=9).for_each(|i| check((2.0_f64.powi(power) + i as f64 / 4.0) as f32));
    }
}

#[test]
fn special_values() {
    const INF: f32 = f32::INFINITY;
    const NAN: f32 = f32::NAN;
    type Case = (&'static str, fn(f32) -> f32, &'static [(f32, f32)]);
    let cases: [Case; 14] = [
        ("exp", |x| exp(x), &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (88.8, INF), (-87.4, 0.0)]),
        (
            "expm1",
            |x| expm1(x),
            &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (1e-40, 1e-40), (-50.0, -1.0)],
        ),
        ("log", |x| log(x), &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN)]),
        (
            "log1p",
            |x| log1p(x),
            &[(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (-1.1, NAN), (INF, INF), (-INF, NAN)],
        ),
        (
            "log2",
            |x| log2(x),
            &[(1.0, 0.0), (8.0, 3.0), (2e-45, -149.0), (0.0, -INF), (INF, INF), (-1.0, NAN)],
        ),
        ("log10", |x| log10(x), &[(1.0, 0.0), (1000.0, 3.0), (0.0, -INF), (INF, INF), (-1.0, NAN)]),
        (
            "tanh",
            |x| tanh(x),
            &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (10.0, 1.0), (1e-40, 1e-40)],
        ),
        (
            "sigmoid",
            |x| sigmoid(x),
            &[(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (40.0, 1.0), (-87.4, 0.0)],
        ),
        ("erf", |x| erf(x), &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (4.1, 1.0)]),
        ("sin", |x| sin(x), &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)]),
        ("cos", |x| cos(x), &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)]),
        (
            "sinh",
            |x| sinh(x),
            &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (89.5, INF), (1e-40, 1e-40)],
        ),
        ("cosh", |x| cosh(x), &[(0.0, 1.0), (INF, INF), (-INF, INF), (-89.5, INF)]),
        ("rsqrt", |x| rsqrt(x), &[(1.0, 1.0), (0.0, INF), (-0.0, -INF), (INF, 0.0), (-1.0, NAN), (4.0, 0.5)]),
    ];
    for (name, function, values) in cases {
        for &(x, y) in values {
            assert!(same(function(x), y), "{name}({x:e}) is {:e} instead of {y:e}", function(x));
        }
        for bits in [0x7fc0_0000, 0xffc0_0000, 0x7fc0_0001, 0x7fff_ffff, 0xffff_ffff] {
            assert!(function(f32::from_bits(bits)).is_nan(), "{name}({bits:#x})");
        }
    }
}

#[test]
fn symmetry_and_order() {
    let mut last = [f32::NEG_INFINITY; 4];
    for i in 0..200_000 {
        let x = (i - 100_000) as f32 * 1.0e-3;
        for function in [tanh, erf, sin, sinh] {
            assert!(same(function(-x), -function(x)), "at {x}");
        }
        for function in [cos, cosh] {
            assert!(same(function(-x), function(x)), "at {x}");
        }
        assert!((0.0..=1.0).contains(&sigmoid(x)), "at {x}");
        let values = [exp(x), sigmoid(x), tanh(x), erf(x)];
        assert!(values.iter().zip(last).all(|(now, before)| *now >= before), "at {x}");
        last = values;
    }
}

#[test]
fn powers() {
    let check = |x: f32, y: f32| {
        let (z, exact) = (pow(x, y), (x as f64).powf(y as f64));
        let error = error(z, exact);
        assert!(error <= 0.54, "{x:e} to the power of {y:e}: {z:e} instead of {exact:e}, {error} ulp");
        // Subnormal results are not flushed, and zeros have the right sign.
        assert!((exact as f32 != 0.0 || same(z, exact as f32)) && (z == 0.0) == (exact as f32 == 0.0));
    };
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..100_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (low, high) = (state as u32, (state >> 32) as u32);
        check(f32::from_bits(low), f32::from_bits(high));
        // A base and the exponent for a result anywhere between 2⁻¹⁶⁰ and 2¹³⁰.
        let x = f32::from_bits(low & 0x7fff_ffff);
        if x > 0.0 && x < f32::INFINITY && x != 1.0 {
            check(x, ((high as f64 / 2.0_f64.powi(32) * 290.0 - 160.0) / (x as f64).log2()) as f32);
        }
    }
    let special = [
        0.0,
        1.0e-40,
        0.5,
        0.999_999_94,
        1.0,
        1.000_000_1,
        1.5,
        2.0,
        3.0,
        4_194_303.5,
        8_388_607.0,
        8_388_608.0,
        8_388_609.0,
        16_777_215.0,
        16_777_216.0,
        1.0e30,
        f32::INFINITY,
        f32::NAN,
    ];
    for x in special {
        for y in special {
            [(x, y), (-x, y), (x, -y), (-x, -y)].into_iter().for_each(|(x, y)| check(x, y));
        }
        assert!(same(pow(x, 0.0), 1.0) && same(pow(1.0, x), 1.0));
        assert!(same(pow(x, 1.0), x));
    }
    assert!(same(pow(-2.0, 3.0), -8.0) && same(pow(-2.0, 2.0), 4.0) && pow(-2.0, 0.5).is_nan());
    assert!(same(pow(-0.0, 3.0), -0.0) && same(pow(-0.0, -3.0), f32::NEG_INFINITY));
    assert!(same(pow(-1.0, f32::INFINITY), 1.0) && pow(-1.0, f32::NAN).is_nan());
}

#[test]
fn erf_in_double_precision() {
    for (x, y) in ERF {
        for sign in [1.0, -1.0] {
            let error = (f64_::erf(sign * x) - sign * y).abs();
            assert!(error <= 4.0e-16 * y.abs(), "erf({x}): {:e} instead of {y:e}", f64_::erf(x));
        }
    }
    assert!(f64_::erf(f64::NAN).is_nan() && f64_::erf(-0.0).is_sign_negative());
    assert!(f64_::erf(f64::INFINITY) == 1.0 && f64_::erf(f64::NEG_INFINITY) == -1.0);
}

#[test]
fn sigmoid_and_inverse_hyperbolics_in_double_precision() {
    let close = |y: f64, exact: f64| (y - exact).abs() <= 5.0e-16 * exact.abs();
    assert!(f64_::sigmoid(0.0) == 0.5 && f64_::sigmoid(1000.0) == 1.0 && f64_::sigmoid(-1000.0) == 0.0);
    assert!(close(f64_::sigmoid(-700.0), 9.859_676_543_759_77e-305));
    assert!(close(f64_::sigmoid(2.0), 0.880_797_077_977_882_4));
    assert!(f64_::sigmoid(f64::NAN).is_nan());
    // acosh(1 + t) = sqrt(2t) (1 - t/12 + ...).
    let t = 2.0_f64.powi(-30);
    assert!(close(f64_::acosh(1.0 + t), (2.0 * t).sqrt() * (1.0 - t / 12.0)));
    assert!(close(f64_::acosh(2.0), 1.316_957_896_924_816_7));
    assert!(close(f64_::acosh(1.0e300), 691.468_675_078_773_7));
    assert!(f64_::acosh(1.0) == 0.0 && f64_::acosh(0.5).is_nan() && f64_::acosh(f64::NAN).is_nan());
    assert!(f64_::acosh(f64::INFINITY) == f64::INFINITY);
    for x in [1.0e-300, 1.0e-20, 1.0e-9] {
        assert!(close(f64_::asinh(x), x) && close(f64_::atanh(x), x) && close(f64_::asinh(-x), -x));
    }
    assert!(
        close(f64_::asinh(1.0), 0.881_373_587_019_543) && close(f64_::asinh(1.0e300), 691.468_675_078_773_7)
    );
    assert!(close(f64_::atanh(0.5), 0.549_306_144_334_054_8) && f64_::atanh(1.0) == f64::INFINITY);
}

/// The error function, correctly rounded or nearly so.
#[allow(clippy::excessive_precision, clippy::approx_constant)]
const ERF: [(f64, f64); 70] = [
    (0.0, 0.0),
    (1e-300, 1.1283791670955126e-300),
    (1e-20, 1.1283791670955125e-20),
    (1e-10, 1.1283791670955126e-10),
    (1e-05, 1.1283791670579e-05),
    (0.001, 0.0011283787909692365),
    (0.01, 0.011283415555849616),
    (0.05, 0.05637197779701663),
    (0.1, 0.1124629160182849),
    (0.15, 0.1679959714273635),
    (0.2, 0.22270258921047847),
    (0.25, 0.2763263901682369),
    (0.3, 0.32862675945912739),
    (0.35, 0.37938205356231031),
    (0.4, 0.42839235504666845),
    (0.45, 0.47548171978692366),
    (0.5, 0.52049987781304652),
    (0.55, 0.56332336632510904),
    (0.6, 0.60385609084792591),
    (0.65, 0.64202932735567186),
    (0.7, 0.67780119383741844),
    (0.75, 0.71115563365351508),
    (0.8, 0.74210096470766052),
    (0.85, 0.77066805760835255),
    (0.9, 0.79690821242283216),
    (0.95, 0.8208908072732779),
    (0.975, 0.8320615290119876),
    (0.999999, 0.8427003778418023),
    (1.0, 0.84270079294971489),
    (1.0000001, 0.84270083446046051),
    (1.05, 0.86243610609009669),
    (1.1, 0.88020506957408173),
    (1.225, 0.91679969838147868),
    (1.35, 0.94376219612272405),
    (1.475, 0.96301820682700523),
    (1.6, 0.97634838334464402),
    (1.725, 0.98529314610916496),
    (1.85, 0.9911110300560857),
    (1.975, 0.99477898958680799),
    (2.1, 0.99702053334366703),
    (2.225, 0.99834833454626182),
    (2.35, 0.99911073296786757),
    (2.475, 0.99953505340899562),
    (2.6, 0.99976396558347069),
    (2.725, 0.99988366905158965),
    (2.85, 0.9999443437200386),
    (2.975, 0.99997415432945536),
    (3.1, 0.99998835134263275),
    (3.225, 0.99999490503009625),
    (3.35, 0.99999783752317994),
    (3.475, 0.99999910941657133),
    (3.6, 0.99999964413700704),
    (3.725, 0.9999998620409658),
    (3.85, 0.99999994811370663),
    (3.975, 0.99999998106923071),
    (4.1, 0.99999999329997236),
    (4.225, 0.99999999769983627),
    (4.35, 0.99999999923405558),
    (4.475, 0.99999999975261367),
    (4.6, 0.99999999992250399),
    (4.725, 0.99999999997645528),
    (5.0, 0.99999999999846256),
    (5.5, 0.99999999999999267),
    (5.9, 0.99999999999999989),
    (6.0, 1.0),
    (10.0, 1.0),
    (-0.3, -0.32862675945912739),
    (-0.9, -0.79690821242283216),
    (-1.7, -0.98379045859077452),
    (-3.2, -0.99999397423884828),
];

#[test]
fn slow_functions_against_published_values() {
    let close = |got: f64, exact: f64| {
        assert!((got - exact).abs() <= 1e-13 * exact.abs().max(1e-300), "{got:e} instead of {exact:e}");
    };
    // SciPy's.
    for (x, y) in [
        (0.5, 0.479_500_122_186_953_5),
        (1.0, 0.157_299_207_050_285_13),
        (3.0, 2.209_049_699_858_544e-5),
        (6.5, 3.842_148_327_120_647e-20),
        (20.0, 5.395_865_611_607_901e-176),
    ] {
        close(f64_::erfc(x), y);
    }
    for (x, y) in [
        (0.5, 0.476_936_276_204_469_9),
        (0.999_999, 3.458_910_737_275_499),
        (-1e-9, -8.862_269_254_527_58e-10),
    ] {
        close(f64_::erfinv(x), y);
    }
    for (x, y, z) in [
        (0.1, 1.002_501_562_934_095_6, 0.050_062_526_047_092_69),
        (5.0, 27.239_871_823_604_442, 24.335_642_142_450_53),
        (30.0, 781_672_297_823.977_5, 768_532_038_938.956_9),
        (60.0, 5.894_077_055_609_8e24, 5.844_751_588_390_468e24),
    ] {
        close(f64_::bessel_i0(x), y);
        close(f64_::bessel_i1(-x), -z);
    }
    for a in [0.3, 2.0, 9.5, 10.0, 47.0, 900.0] {
        for x in [0.01, 0.9, 3.0, 12.0, 46.0, 60.0, 950.0] {
            // P(a, x) - P(a + 1, x) = xᵃ e⁻ˣ / Γ(a + 1).
            let step = f64_::gamma_inc(a, x) - f64_::gamma_inc(a + 1.0, x);
            let density = f64_::gamma_density(a + 1.0, x);
            assert!((step - density).abs() < 1e-13, "{a} {x}: {step:e} and {density:e}");
        }
    }
}

#[test]
fn neighbours() {
    assert_eq!(next_after(1.0, 2.0), 1.0 + f32::EPSILON);
    assert_eq!(next_after(1.0, -2.0), 1.0 - f32::EPSILON / 2.0);
    assert_eq!(next_after(0.0, -1.0).to_bits(), (-f32::from_bits(1)).to_bits());
    assert_eq!(next_after(f32::MAX, f32::INFINITY), f32::INFINITY);
    assert!(next_after(0.0, f32::NAN).is_nan());
    assert_eq!(next_after(0.0, -0.0).to_bits(), (-0.0f32).to_bits());
    assert_eq!(hypot(3e38, -4.0), 3e38);
    assert_eq!(hypot(f32::NAN, f32::NEG_INFINITY), f32::INFINITY);
}
